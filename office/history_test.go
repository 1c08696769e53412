package office_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A history is what happens to an office in some years, and which letters ought to
// be written then. It is worked out from the table of domain 13 alone, day by day,
// and calls no rule of the office.
type history struct {
	first, last date
	holidays    map[dars.Day]string
	asleep      []span // no daemon ran
	orgs        []*party
	held        []*held
}

// A date is a day with the arithmetic that the history needs, of its own.
type date struct{ dars.Day }

func (d date) time() time.Time { t, _ := time.Parse(time.DateOnly, string(d.Day)); return t }
func (d date) noon() time.Time { return d.time().Add(12 * time.Hour) }
func (d date) plus(n int) date {
	return date{dars.Day(d.time().AddDate(0, 0, n).Format(time.DateOnly))}
}
func (d date) long() string { return d.time().Format("2 January 2006") }

type span struct{ from, to date }

// A party is an organisation with its contract, and what follows it.
type party struct {
	code          dars.OrgCode
	ico, security date
	contractEnds  date
	signs         date // the next contract, which begins the day after and never ends here; "" if none
	lapsed        bool // the first
}

// A held agreement is sent something or not, ends, and is followed by another that is
// signed on a day, or not.
type held struct {
	id, stem   string
	version    int
	of         *party
	start, end date
	sent       bool
	answers    int   // days from its end to the certificate; -1: never
	next       *held // of the same case
	signed     date  // when it is signed; "" from the beginning
	before     *held

	state    string // as it is worked out
	ended    date
	counts   date // the day from which what is asked back is due: its end, or when it was asked for later
	took     bool // over what was sent under the version before
	answered bool // in the office, or nothing is to be answered
}

// drawn is a history by lot.
func drawn(rnd *rand.Rand, today dars.Day, agreements, years int, holidays map[dars.Day]string) *history {
	first := date{today}
	h := &history{first: first, last: date{first.AddMonths(12 * years)}, holidays: holidays}
	for at := first.plus(20); at.Day < h.last.Day; at = at.plus(30 + rnd.IntN(200)) {
		h.asleep = append(h.asleep, span{at, at.plus(rnd.IntN(25))})
	}
	days := 365 * years
	for i := range agreements/8 + 2 {
		p := &party{code: dars.OrgCode(fmt.Sprintf("R%04d", i)), ico: first.plus(30 + rnd.IntN(days)), security: first.plus(30 + rnd.IntN(days)), contractEnds: first.plus(days / 2).plus(rnd.IntN(days))}
		if rnd.IntN(3) > 0 {
			p.signs = p.contractEnds.plus(-rnd.IntN(200))
			if p.signs.Day <= first.Day {
				p.signs = first.plus(1)
			}
		}
		h.orgs = append(h.orgs, p)
	}
	for i := range agreements {
		g := &held{stem: dars.CaseStem(i + 1), version: 1, of: h.orgs[rnd.IntN(len(h.orgs))], start: first.plus(-rnd.IntN(300)), sent: rnd.IntN(3) > 0, answers: -1}
		g.end = first.plus(5 + rnd.IntN(days))
		if rnd.IntN(2) == 0 {
			g.answers = rnd.IntN(120)
		}
		h.add(g)
		if rnd.IntN(3) == 0 {
			next := &held{stem: g.stem, version: 2, of: g.of, start: g.end.plus(1), answers: -1, before: g, signed: g.end.plus(-rnd.IntN(200))}
			if rnd.IntN(4) == 0 {
				next.start = next.start.plus(1 + rnd.IntN(40)) // nobody holds data by right in between
			}
			next.end = next.start.plus(30 + rnd.IntN(days))
			if next.signed.Day <= first.Day {
				next.signed = first.plus(1)
			}
			g.next = next
			h.add(next)
		}
	}
	return h
}

func (h *history) add(g *held) {
	g.id = fmt.Sprintf("%s-v%d.0", g.stem, g.version)
	h.held = append(h.held, g)
}

// awake reports whether a daemon ran on a day.
func (h *history) awake(d date) bool {
	return !slices.ContainsFunc(h.asleep, func(s span) bool { return s.from.Day <= d.Day && d.Day <= s.to.Day })
}

// working is the day, or the next on which the office works.
func (h *history) working(d date) date {
	for d.time().Weekday() == time.Saturday || d.time().Weekday() == time.Sunday || h.holidays[d.Day] != "" {
		d = d.plus(1)
	}
	return d
}

// workingBefore is the day, or the last before on which the office works.
func (h *history) workingBefore(d date) date {
	for h.working(d).Day != d.Day {
		d = d.plus(-1)
	}
	return d
}

// letters are those that ought to be written, in order: the day and the subject.
func (h *history) letters() (all []string) {
	w := &writing{history: h, reached: map[string]int{}}
	for _, g := range h.held {
		if g.before == nil {
			g.state = "in force"
		}
	}
	for d := h.first.plus(1); d.Day <= h.last.Day; d = d.plus(1) {
		if h.awake(d) {
			w.day(d)
		}
		w.noon(d)
	}
	slices.Sort(w.all)
	return w.all
}

// A writing works out the letters of a history, day by day.
type writing struct {
	*history
	all     []string
	now     date
	soon    date           // nothing is sent so long before it is due
	reached map[string]int // of each ladder the highest step taken, as days after its day
}

func (w *writing) write(format string, args ...any) {
	w.all = append(w.all, string(w.now.Day)+" "+fmt.Sprintf(format, args...))
}

// What domain 13 asks for, and the office has chosen for the rest.
var (
	beforeAnEnd  = []int{-180, -90, -60, -30, -14, -7, 0}
	aroundPapers = []int{-60, -30, -14, -7, 0, 14, 28}
	aroundReview = []int{-60, -30, 0, 14, 42}
	afterAnEnd   = []int{15, 28, 42, 56, 90}
)

// climb takes the highest step of a ladder that is due and was not stood for, and
// returns those that it takes; none of a day before from, or sent after until.
func (w *writing) climb(name string, day date, steps []int, from, until string) (taken []int) {
	last, begun := w.reached[name]
	if until != "" && string(w.now.Day) > until {
		return nil
	}
	for _, n := range steps {
		due := day.plus(n)
		if begun && n <= last || due.Day > w.soon.Day {
			continue
		}
		sent := w.working(due)
		if n == 56 && len(steps) == len(afterAnEnd) {
			sent = due // the audit waits for nothing
		}
		if until != "" && string(sent.Day) > until && string(due.Day) <= until { // a last word goes before a weekend
			sent = date{max(w.workingBefore(due).Day, dars.Day(from))}
		}
		if string(due.Day) < from || until != "" && string(sent.Day) > until || sent.Day > w.now.Day {
			continue
		}
		taken = append(taken, n)
	}
	if len(taken) > 0 {
		w.reached[name] = taken[len(taken)-1]
	}
	return taken
}

// live reports whether an agreement is in force, or signed and yet to begin.
func (w *writing) live(g *held) bool {
	return g.state == "in force" || g.state == "signed"
}

func (w *writing) anyLive(p *party) bool {
	return slices.ContainsFunc(w.held, func(g *held) bool { return g.of == p && w.live(g) })
}

// day is what the clock does on a day on which it is awake.
func (w *writing) day(d date) {
	w.now, w.soon = d, d.plus(10)
	for _, g := range w.held {
		if g.state == "signed" && g.start.Day <= d.Day && d.Day <= g.end.Day {
			g.state = "in force"
			if g.before.state == "in force" {
				g.before.state, g.took = "superseded", g.before.sent
				w.write("%s is superseded by %s", g.before.id, g.id)
			}
		}
	}
	for i, p := range w.orgs {
		w.organisation(i, p)
	}
	for _, g := range w.held {
		w.remind(g)
	}
	for _, g := range w.held {
		if g.state == "in force" && g.end.Day < d.Day {
			w.ends(g, g.end)
		}
	}
	for _, p := range w.orgs {
		w.lapse(p)
	}
	for _, g := range w.held {
		w.chase(g)
	}
}

func (w *writing) organisation(i int, p *party) {
	followed := p.signs.Day != "" && p.signs.Day < w.now.Day
	if w.anyLive(p) && !followed && !p.lapsed && len(w.climb("contract "+string(p.code), p.contractEnds, beforeAnEnd, "", string(p.contractEnds.Day))) > 0 {
		w.write("%s ends on %s", dars.ContractName(i+1), p.contractEnds.long())
	}
	for _, paper := range []struct {
		what string
		ends date
	}{{"security assurance DSPT", p.security}, {"registration with the Information Commissioner Z1", p.ico}} {
		ends := "ends"
		if paper.ends.Day < w.now.Day {
			ends = "ended"
		}
		if w.anyLive(p) && len(w.climb(paper.what+string(p.code), paper.ends, aroundPapers, "", string(paper.ends.AddMonths(12)))) > 0 {
			w.write("%s: its %s %s on %s", p.code, paper.what, ends, paper.ends.long())
		}
	}
}

func (w *writing) remind(g *held) {
	if g.state != "in force" || w.now.Day > g.end.Day {
		return
	}
	follows := g.next != nil && g.next.state == "signed" && g.next.start.Day <= g.end.plus(1).Day && w.covered(g.of, g.end.plus(1))
	if !follows && len(w.climb("end "+g.id, g.end, beforeAnEnd, string(g.start.Day), string(g.end.Day))) > 0 {
		w.write("%s ends on %s: renew or certify", g.id, g.end.long())
	}
	for year := 1; ; year++ {
		day, next := date{g.start.AddMonths(12 * year)}, date{g.start.AddMonths(12 * (year + 1))}
		if day.Day > g.end.Day {
			return
		}
		until := min(string(g.end.Day), string(next.plus(-1).Day))
		if len(w.climb(fmt.Sprint("review ", year, g.id), day, aroundReview, string(g.start.Day), until)) > 0 {
			w.write("%s: annual review on %s", g.id, day.long())
		}
	}
}

// covered reports whether a party has a contract of a day, as far as it has signed: no
// agreement begins without one.
func (w *writing) covered(p *party, d date) bool {
	return d.Day <= p.contractEnds.Day || p.signs.Day != "" && p.signs.Day < w.now.Day
}

// ends is the end of an agreement, after a day: what was sent is asked back.
func (w *writing) ends(g *held, after date) {
	if g.ended = after; !g.sent && !g.took {
		g.state = "closed"
		w.write("%s: agreement ended", g.id)
		return
	}
	g.state, g.counts = "deletion due", after
	if after.plus(1).Day < w.now.Day {
		g.counts = w.now // nobody was asked before
	}
	w.write("%s: agreement ended; certificate of destruction %s due by %s", g.id, g.id, g.counts.plus(14).long())
}

// lapse is the end of a contract that no other follows.
func (w *writing) lapse(p *party) {
	if p.lapsed || p.contractEnds.Day >= w.now.Day {
		return
	}
	p.lapsed = true
	if p.signs.Day != "" {
		return
	}
	for _, g := range w.held {
		if g.of == p && w.live(g) {
			w.ends(g, p.contractEnds)
		}
	}
}

func (w *writing) chase(g *held) {
	if g.state != "deletion due" {
		return
	}
	taken := w.climb("certificate "+g.id, g.counts, afterAnEnd, "", "")
	if len(taken) == 0 {
		return
	}
	w.write("%s: certificate of destruction outstanding since %s", g.id, g.counts.plus(14).long())
	if slices.Contains(taken, 56) {
		w.write("AUD: audit of %s triggered", g.of.code)
	}
}

// noon is what people do on a day, after the clock.
func (w *writing) noon(d date) {
	for _, g := range w.held {
		if g.signed.Day == d.Day && g.before.state == "in force" {
			g.state = "signed"
		}
		if g.state == "deletion due" && g.answers >= 0 && g.ended.plus(g.answers).Day <= d.Day {
			g.state = "closed"
		}
	}
}

// found makes the office as it is at the beginning of a history.
func (h *history) found(tx *store.Tx) error {
	a := dars.Act{Who: dars.ByClock, At: h.first.noon()}
	all := []dars.Noun{&dars.Person{ID: "P-900000", Org: h.orgs[0].code, Login: "reader"}}
	for i, p := range h.orgs {
		all = append(all, &dars.Organisation{Code: p.code, Name: string(p.code), State: dars.OrgActive, ICO: "Z1", ICOExpires: p.ico.Day, Security: "DSPT", SecurityExpires: p.security.Day},
			&dars.Contract{ID: dars.ContractName(i + 1), Org: p.code, State: dars.ContractInForce, Start: "2000-01-01", End: p.contractEnds.Day})
	}
	for i, g := range h.held {
		if g.before == nil {
			all = append(all, g.nouns(i, dars.InForce)...)
		}
	}
	return saveAll(tx, a, all)
}

// nouns are an agreement, its application, and what was sent under it.
func (g *held) nouns(i int, state dars.AgreementState) []dars.Noun {
	r := &dars.Release{ID: dars.ReleaseID(fmt.Sprintf("REL-%06d", i+1)), Agreement: dars.AgreementID(g.id), Dataset: "HES_APC", State: dars.Purged,
		Files: []dars.ReleaseFile{{ID: dars.FileID(fmt.Sprintf("FILE%07d", i+1)), Period: "200199"}}}
	all := []dars.Noun{
		&dars.Application{Stem: g.stem, Major: g.version, State: dars.Approved},
		&dars.Agreement{ID: dars.AgreementID(g.id), Stem: g.stem, Version: fmt.Sprintf("v%d.0", g.version), Application: dars.ApplicationID(fmt.Sprintf("%s-v%d", g.stem, g.version)), Org: g.of.code,
			Contact: "P-900000", Recipients: []dars.PersonID{"P-900000"}, Controllers: []dars.Signing{{Org: g.of.code}}, State: state, Start: g.start.Day, End: g.end.Day,
			Datasets: []dars.DatasetRequest{{Code: "HES_APC", Periods: []string{"200199"}}}},
	}
	if g.sent {
		all = append(all, r, &dars.Collection{File: r.Files[0].ID, Release: r.ID, Agreement: r.Agreement, Person: "P-900000", Org: g.of.code, Size: 100, Closed: dars.Ranges{{From: 0, To: 100}}})
	}
	return all
}

// people do what they do on a day: they sign what follows while the version before
// still runs, and send back what is owed.
func (h *history) people(tx *store.Tx, at time.Time, d date) error {
	a := dars.Act{Who: dars.ByClock, At: at}
	for i, p := range h.orgs {
		if p.signs.Day == d.Day {
			next := &dars.Contract{ID: dars.ContractName(len(h.orgs) + i + 1), Org: p.code, State: dars.ContractAgreed, Start: p.contractEnds.plus(1).Day, End: h.last.plus(1000).Day}
			if err := tx.Save(a, "signed", next); err != nil {
				return err
			}
		}
	}
	for i, g := range h.held {
		if g.signed.Day == d.Day {
			before, err := store.Get[dars.Agreement](tx, g.before.id)
			if err != nil {
				return err
			}
			if before.State == dars.InForce {
				if err := saveAll(tx, a, g.nouns(i, dars.CounterSigned)); err != nil {
					return err
				}
			}
		}
		if err := g.answer(tx, a, d); err != nil {
			return err
		}
	}
	return nil
}

// answer closes an agreement whose certificate comes back.
func (g *held) answer(tx *store.Tx, a dars.Act, d date) error {
	if g.answers < 0 || g.answered || d.Day < g.end.Day && g.of.contractEnds.Day > d.Day {
		return nil
	}
	owes, err := store.Get[dars.Agreement](tx, g.id)
	if err != nil || owes.State != dars.DeletionDue || (date{owes.Ended}).plus(g.answers).Day > d.Day {
		g.answered = err == nil && owes.Over() && owes.State != dars.DeletionDue // nothing will be asked of it
		return err
	}
	c, err := store.Get[dars.Certificate](tx, owes.Certificate)
	if err != nil {
		return err
	}
	g.answered, c.State, owes.State = true, dars.CertAccepted, dars.Closed
	return saveAll(tx, a, []dars.Noun{c, owes})
}

func saveAll(tx *store.Tx, a dars.Act, all []dars.Noun) error {
	for _, n := range all {
		if err := tx.Save(a, "made", n); err != nil {
			return err
		}
	}
	return nil
}
