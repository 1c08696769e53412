package main

import (
	"cmp"
	"context"
	"fmt"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// What the office has settled: so many days from the day that matters, a letter goes.
var (
	beforeAnEnd  = []int{-180, -90, -60, -30, -14, -7, 0}
	aroundPapers = []int{-60, -30, -14, -7, 0, 14, 28}
	aroundReview = []int{-60, -30, 0, 14, 42}
	afterAnEnd   = []int{15, 28, 42, 56, 90}
	beforeWindow = []int{-7, -1}
)

// The days on which England did not work, as GOV.UK has them.
var bankHolidays = strings.Fields(`2016-03-25 2016-03-28 2016-05-02 2016-05-30 2016-08-29 2016-12-26 2016-12-27
	2017-01-02 2017-04-14 2017-04-17 2017-05-01 2017-05-29 2017-08-28 2017-12-25 2017-12-26
	2018-01-01 2018-03-30 2018-04-02 2018-05-07 2018-05-28 2018-08-27 2018-12-25 2018-12-26`)

func works(d dars.Day) bool {
	weekday := instant(d).Weekday()
	return weekday != time.Saturday && weekday != time.Sunday && !slices.Contains(bankHolidays, string(d))
}

func workingFrom(d dars.Day) dars.Day {
	for !works(d) {
		d = d.Add(1)
	}
	return d
}

func workingBefore(d dars.Day) dars.Day {
	for !works(d) {
		d = d.Add(-1)
	}
	return d
}

// An account of the year says which letters ought to have gone to people outside, and on
// which day. It is worked out from what was planned and what the clients did, day by day,
// and asks none of the program's rules.
type account struct {
	*soak
	now     dars.Day
	reached map[string]int // of each ladder the highest step taken
	over    map[*held]bool
	since   map[*held]dars.Day // the day from which a certificate is counted
	want    map[string]bool    // false: it may have gone
	instead map[string]string  // which letter may go in the place of one
}

func (s *soak) accountOfTheYear() *account {
	w := &account{soak: s, reached: map[string]int{}, over: map[*held]bool{}, since: map[*held]dars.Day{}, want: map[string]bool{}, instead: map[string]string{}}
	for w.now = s.first; w.now <= s.last; w.now = w.now.Add(1) {
		w.day()
	}
	return w
}

func (w *account) write(must bool, to []collector, format string, args ...any) {
	for _, c := range to {
		w.want[fmt.Sprintf("%s %s %s", w.now, c.login, fmt.Sprintf(format, args...))] = must
	}
}

// orTomorrow is for a letter of today in whose place one of tomorrow may go.
func (w *account) orTomorrow(to []collector, format string, args ...any) {
	for _, c := range to {
		says := c.login + " " + fmt.Sprintf(format, args...)
		tomorrow := fmt.Sprint(w.now.Add(1), " ", says)
		w.want[tomorrow], w.instead[fmt.Sprint(w.now, " ", says)] = false, tomorrow
	}
}

// climb takes the highest step of a ladder that is due, and reports whether a letter goes
// today. None goes of a day before from, or after until.
func (w *account) climb(name string, day dars.Day, steps []int, from, until dars.Day) bool {
	last, begun := w.reached[name]
	if until != "" && w.now > until {
		return false
	}
	taken := false
	for _, n := range steps {
		due := day.Add(n)
		if begun && n <= last || due > w.now.Add(10) {
			continue
		}
		sent := workingFrom(due)
		if n == 56 && len(steps) == len(afterAnEnd) {
			sent = due // the audit waits for nothing
		}
		if until != "" && sent > until && due <= until { // a last word goes before a weekend
			sent = max(workingBefore(due), from)
		}
		if due < from || until != "" && sent > until || sent > w.now {
			continue
		}
		w.reached[name], taken = n, true
		last, begun = n, true
	}
	return taken
}

// day is what the clock ought to do on a day.
func (w *account) day() {
	for _, p := range w.parties {
		w.party(p)
	}
	for _, g := range w.held {
		w.remind(g)
	}
	for _, r := range w.out {
		w.window(r)
		w.late(r)
		w.calledBack(r)
	}
	for _, g := range w.held {
		if !w.over[g] && g.start <= w.now && g.ends() < w.now {
			w.end(g)
		}
		if day, ok := w.since[g]; ok && (g.answered == "" || g.answered >= w.now) && w.climb("certificate "+g.id, day, afterAnEnd, "", "") {
			w.write(true, g.recipients, "%s: certificate of destruction outstanding since %s", g.id, long(day.Add(14)))
		}
	}
}

func (w *account) party(p *party) {
	live := slices.ContainsFunc(w.held, func(g *held) bool { return g.of == p && !w.over[g] && g.known <= w.now })
	if !live {
		return
	}
	contact := p.people[:1]
	if w.climb("contract "+string(p.code), p.contractEnds, beforeAnEnd, "", p.contractEnds) {
		w.write(true, contact, "%s ends on %s", p.contract, long(p.contractEnds))
	}
	for what, ends := range map[string]dars.Day{"security assurance DSPT": p.security, "registration with the Information Commissioner Z1": p.ico} {
		verb := "ends"
		if ends < w.now {
			verb = "ended"
		}
		if w.climb(what+string(p.code), ends, aroundPapers, "", ends.AddMonths(12)) {
			w.write(true, contact, "%s: its %s %s on %s", p.code, what, verb, long(ends))
		}
	}
}

func (w *account) remind(g *held) {
	if w.over[g] || w.now < g.start || w.now > g.end || g.superseded() == w.now {
		return
	}
	followed := g.superseded() != "" && g.next.known < w.now
	if !followed && w.climb("end "+g.id, g.end, beforeAnEnd, g.start, g.end) {
		w.write(true, g.recipients, "%s ends on %s: renew or certify", g.id, long(g.end))
	}
	for year := 1; g.start.AddMonths(12*year) <= g.end; year++ {
		day, next := g.start.AddMonths(12*year), g.start.AddMonths(12*(year+1))
		if w.climb(fmt.Sprint("review ", year, g.id), day, aroundReview, g.start, min(g.end, next.Add(-1))) {
			w.write(true, g.recipients[:1], "%s: annual review on %s", g.id, long(day))
		}
	}
}

// window is what recipients are told of a release: that it is there, and that nobody has
// taken it yet. Where a client has all of it and was killed before it could say so, both
// are right.
func (w *account) window(r *published) {
	if r.on == w.now {
		w.write(true, r.of.recipients, "%s: %s is ready to collect until %s", r.of.id, r.id, long(r.until()))
		return
	}
	kept := r.frozen != "" && r.frozen < w.now && (r.resumed == "" || r.resumed > w.now) // since what is held cannot be had
	if r.on > w.now || w.over[r.of] || r.of.superseded() == w.now || kept || r.recalled != nil && r.recalled.on < w.now || r.withdrawn != "" && r.withdrawn < w.now || r.replaced != "" && r.replaced < w.now || r.confirmed != "" && r.confirmed < w.now {
		return
	}
	if !w.climb("window "+string(r.id), r.until(), beforeWindow, r.on, r.until()) {
		return
	}
	must := r.taken == "" || r.taken >= w.now
	if r.resumed == w.now && r.frozen < w.now {
		// What an officer lets go on is told of today if the clock comes by once more, and if
		// not, tomorrow: unless somebody takes it before, or there is no tomorrow.
		must = (r.taken == "" || r.taken > w.now) && w.now < min(r.until(), w.last)
		w.orTomorrow(r.of.recipients, "%s can be collected until %s", r.id, long(r.until()))
	}
	w.write(must, r.of.recipients, "%s can be collected until %s", r.id, long(r.until()))
}

func (w *account) end(g *held) {
	w.over[g] = true
	if g.superseded() != "" {
		w.write(true, g.recipients[:1], "%s is superseded by %s", g.id, g.next.id)
		return
	}
	if !g.sent && g.still != nil {
		w.write(true, g.recipients, "%s: agreement ended; certificate of destruction %s due by %s", g.id, g.still.back.as, long(g.still.back.due))
		return
	}
	if !g.sent {
		w.write(true, g.recipients[:1], "%s: agreement ended", g.id)
		return
	}
	w.since[g] = g.ends()
	w.write(true, g.recipients, "%s: agreement ended; certificate of destruction %s due by %s", g.id, g.id, long(g.ends().Add(14)))
}

func long(d dars.Day) string { return instant(d).Format("2 January 2006") }

// computed are the letters that the account knows of; all others follow an act of a
// person, and there must be one of each.
var computed = regexp.MustCompile(` ends on .*: renew or certify$|^CON-\S+ ends on |: its (security|registration) |: annual review on |: agreement ended|: certificate of destruction outstanding since | is ready to collect until | can be collected until | is superseded by |: recall RCL-\d+: |: answer for \d+ files by | is held$| is no longer held$|: REL-\d+ is (withdrawn|made again)$|: destroy (REL-|what REL-)`)

// letters holds what lies in outgoing-mail/ against the account.
func (s *soak) letters(ctx context.Context) error {
	got, err := s.written(ctx)
	if err != nil {
		return err
	}
	w := s.accountOfTheYear()
	for letter, n := range got {
		_, subject, _ := strings.Cut(letter[len("2016-04-01 "):], " ")
		_, known := w.want[letter]
		switch {
		case n > 1:
			s.finds("written %d times: %s", n, letter)
		case got[w.instead[letter]] > 0 && !w.want[w.instead[letter]]:
			s.finds("written on two days: %s", letter)
		case !computed.MatchString(subject):
			s.count("letters to people outside that follow an act, each once", 1)
		case !known:
			s.finds("written, and none is due: %s", letter)
		default:
			s.count("letters to people outside by the calendar, each on its day and once", 1)
		}
	}
	for letter, must := range w.want {
		if must && got[letter] == 0 && got[w.instead[letter]] == 0 {
			s.finds("due, and not written: %s", letter)
		}
	}
	return nil
}

var certificateID = regexp.MustCompile(`CERT-\d{6}`)

// written are the letters to people outside: the day, the login, and the subject, in
// which agreements and releases stand in the place of their certificates.
func (s *soak) written(ctx context.Context) (all map[string]int, err error) {
	of := map[string]string{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		return store.Each(tx, func(c *dars.Certificate) error {
			of[string(c.ID)] = cmp.Or(string(c.Release), string(c.By), string(c.Agreement))
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(s.office(), "outgoing-mail", "*.eml"))
	if err != nil {
		return nil, err
	}
	all = map[string]int{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		m, err := mail.ReadMessage(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		s.count("letters written", 1)
		to := strings.Trim(m.Header.Get("To"), "<>")
		login, domain, _ := strings.Cut(to, "@")
		at, err := m.Header.Date()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if domain == "office.example" || at.In(zone).Format(time.DateOnly) < string(s.first) {
			continue
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if computed.MatchString(subject) {
			subject = certificateID.ReplaceAllStringFunc(subject, func(id string) string { return of[id] })
		}
		all[fmt.Sprintf("%s %s %s", at.In(zone).Format(time.DateOnly), login, subject)]++
	}
	return all, nil
}
