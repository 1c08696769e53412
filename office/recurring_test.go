package office_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/scheduler"
)

// sources gives the office files for some periods beside the years that it has.
func (h *house) sources(periods ...string) {
	known := catalogue[0]
	known.Files = slices.Clone(known.Files)
	for _, p := range periods {
		known.Files = append(known.Files, dars.SourceFile{Period: p})
	}
	for _, o := range h.both {
		o.Catalogue = dars.Catalogue{known}
	}
}

// months are the periods of some years from 2025 on.
func months(years int) (all []string) {
	for year := range years {
		for month := range 12 {
			all = append(all, fmt.Sprintf("%d%02d", 2025+year, month+1))
		}
	}
	return all
}

// monthly is an agreement of RA1 for monthly extracts.
func (h *house) monthly(forMonths int) dars.AgreementID {
	h.t.Helper()
	f := h.form()
	f.End = h.today.AddMonths(forMonths)
	f.Datasets[0].Frequency, f.Datasets[0].Interval = "ONGOING", "MONTHLY"
	return h.agreed(f)
}

// six walks the duties of the house's day, and says what was done.
func (h *house) six() (done []string) {
	h.t.Helper()
	at := h.noon().Add(-6 * time.Hour)
	h.must(job(office.Clock{Office: h.first()}, func(d office.Done) { done = append(done, d.Step) })(h.t.Context(), at))
	return done
}

// on is the house's day from now on.
func (h *house) on(day dars.Day) *house {
	h.today = day
	return h
}

// out lets what is planned leave, by three people, made with today's objections.
func (h *house) out(o *office.Office, id dars.ReleaseID) error {
	ctx, r := context.WithoutCancel(h.t.Context()), office.Releases{Office: o}
	for _, step := range []func() error{
		func() error { return r.Produce(ctx, h.by("pat"), id) },
		func() error { return r.Check(ctx, h.by("chris"), id) },
		func() error { return r.SignOff(ctx, h.by("sam"), id) },
		func() error { return r.Publish(ctx, h.by("pat"), id) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// recurring is an office with monthly extracts agreed, of which the first is out.
func recurring(t *testing.T, h *house) (dars.AgreementID, *dars.Release) {
	t.Helper()
	h.sources(months(3)...)
	h.contract("RA1", "2029-12-31")
	g := h.monthly(36)
	h.on("2026-04-01").six()
	h.list("2026-04-01", 5)
	h.must(h.out(h.first(), "REL-000001"))
	return g, h.release("REL-000001")
}

// accounted brings a certificate back as it should be, and has it accepted.
func (h *house) accounted(o *office.Office, id dars.CertificateID) {
	h.t.Helper()
	v := office.Intake{Office: o}.Take(h.t.Context(), office.At(h.people["rita"], h.noon()), h.filled(id, ""))
	if v.Verdict != dars.VerdictWaiting {
		h.t.Fatalf("%s comes back: %+v", id, v)
	}
	h.must(office.Deletion{Office: o}.Accept(h.t.Context(), h.by("connie"), id))
}

// A period that has closed is planned by the clock, once, whoever races for it; all
// that comes after is people's.
func TestAReleaseThatRecursIsPlannedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.sources(months(3)...)
		h.contract("RA1", "2029-12-31")
		g := h.monthly(36)
		if done := h.on("2026-03-31").six(); len(done) > 0 || len(all[dars.Release](h)) > 0 {
			t.Errorf("before the month was over: %v", done)
		}
		h.on("2026-04-01")
		due, err := office.Clock{Office: h.first()}.Due(t.Context(), h.noon())
		h.must(err)
		if len(due) != 1 || due[0].Step != "instalment" || due[0].Due != "2026-04-01" {
			t.Fatalf("due are %+v", due)
		}
		h.race(20, "", func(_ int, o *office.Office) error {
			_, err := office.Clock{Office: o}.Do(t.Context(), due[0], h.noon())
			return err
		})
		releases := all[dars.Release](h)
		if len(releases) != 1 || !slices.Equal(releases[0].Periods, []string{"202512"}) || releases[0].State != dars.Planned {
			t.Fatalf("planned are %+v", releases)
		}
		if !h.waits("pat", "REL-000001", "release produce") {
			t.Error("nobody is told to produce it")
		}
		if one := get[dars.Agreement](h, string(g)).Schedule()[0]; one.Release != "REL-000001" {
			t.Errorf("the schedule does not name it: %+v", one)
		}
		if done := h.on("2026-04-02").six(); len(done) > 0 {
			t.Errorf("the next day again: %v", done)
		}
		h.sound()
	})
}

// An office that has slept plans the newest month only: it holds those before.
func TestAnOfficeThatSleptPlansTheNewestMonth(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.sources(months(3)...)
		h.contract("RA1", "2029-12-31")
		h.monthly(36)
		h.on("2026-08-10").six()
		var got []string
		for _, r := range all[dars.Release](h) {
			got = append(got, r.Periods...)
		}
		if want := []string{"202512", "202604"}; !slices.Equal(got, want) {
			t.Errorf("planned are %v, want %v", got, want)
		}
	})
}

// Without a source nothing is planned; the case officer is told once, and again by the
// ladder, until it is there.
func TestTheOfficerIsToldOfWhatCannotBePlanned(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-12-31")
		h.monthly(36)
		told := map[dars.Day]int{}
		for h.on("2026-03-31"); h.today <= "2026-04-20"; h.today = h.today.Add(1) {
			for _, step := range h.six() {
				if strings.HasPrefix(step, "instalment-HES_APC-202512-") {
					told[h.today]++
				}
			}
		}
		if want := map[dars.Day]int{"2026-04-01": 1, "2026-04-15": 1}; fmt.Sprint(told) != fmt.Sprint(want) {
			t.Errorf("told on %v, want %v", told, want)
		}
		h.must(h.first().Work(t.Context(), h.noon))
		letters := h.works.letters("the release of HES_APC-202512 waits since 1 April 2026")
		if len(letters) != 2 || !strings.Contains(letters[0].to, "carol@") {
			t.Errorf("the letters are %+v", letters)
		}
		h.sources("202512")
		if done := h.six(); !slices.Equal(done, []string{"instalment HES_APC 202512 as REL-000001"}) {
			t.Errorf("when the source is there: %v", done)
		}
	})
}

// A later version of a case does not plan again what the one before had released.
func TestALaterVersionKeepsTheSchedule(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g, r := recurring(t, h)
		h.collect("rita", r.Files[0])
		h.on("2026-04-10")
		f := h.renewal(stemOf(g), "2026-03-02", "2029-02-28")
		f.Datasets[0].Frequency, f.Datasets[0].Interval = "ONGOING", "MONTHLY"
		second := h.agreed(f)
		h.on("2026-04-11").six()
		if n := len(all[dars.Release](h)); n != 1 {
			t.Errorf("there are %d releases", n)
		}
		if one := get[dars.Agreement](h, string(second)).Schedule()[0]; one.Period != "202512" || one.Release != r.ID {
			t.Errorf("the schedule begins with %+v", one)
		}
		if certificates := all[dars.Certificate](h); len(certificates) > 0 {
			t.Errorf("the later version covers it all the same: %+v", certificates)
		}
	})
}

func TestWhatIsReplacedIsAskedBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g, first := recurring(t, h)
		h.some("rita", first)

		// The months of another year replace none of it; the next of that year does.
		h.on("2026-05-01").six()
		h.list("2026-05-01", 5)
		h.must(h.out(h.first(), "REL-000002"))
		if n := len(all[dars.Certificate](h)); n != 0 {
			t.Fatalf("a new year has led to %d certificates", n)
		}
		h.some("rita", h.release("REL-000002"))
		h.on("2026-06-01").six()
		h.list("2026-06-01", 5)
		h.must(h.out(h.first(), "REL-000003"))
		before, now := h.release("REL-000002"), h.release("REL-000003")
		if !slices.Equal(now.Replaces, []dars.ReleaseID{"REL-000002"}) || before.ReplacedBy != now.ID || before.State != dars.Purged {
			t.Errorf("REL-000003 replaces %v, and the one before is %s by %q", now.Replaces, before.State, before.ReplacedBy)
		}
		c := get[dars.Certificate](h, "CERT-000001")
		if len(c.Files) != 1 || c.Files[0].Release != before.ID || c.Cause != dars.CauseReplaced || c.By != now.ID || c.Due != "2026-07-13" {
			t.Fatalf("the certificate is %+v", c)
		}
		if !h.waits("rita", "CERT-000001", "destroy the data") {
			t.Error("the recipient is not told")
		}

		// Of the next one nothing was sent: nobody owes anything for it.
		h.on("2026-07-01").six()
		h.list("2026-07-01", 5)
		h.must(h.out(h.first(), "REL-000004"))
		if n := len(all[dars.Certificate](h)); n != 1 || h.release("REL-000003").State != dars.Purged {
			t.Errorf("of zero bytes: %d certificates, and it is %s", n, h.release("REL-000003").State)
		}

		// On its last day it is not overdue; from the day after nothing new goes out.
		o := office.Releases{Office: h.first()}
		h.on("2026-07-13").list("2026-07-13", 5)
		id, err := o.Plan(t.Context(), h.by("carol"), g, "HES_APC", []string{"202604"})
		h.must(err)
		h.on("2026-07-14")
		_, err = o.Plan(t.Context(), h.by("carol"), g, "HES_APC", []string{"202604"})
		ruled(t, err, "certificate-overdue")
		ruled(t, o.Produce(t.Context(), h.by("pat"), id), "certificate-overdue")
		said, err := office.Guard{Office: h.first()}.Check(t.Context(), h.by("carol"), g, "HES_APC", []string{"202604"})
		h.must(err)
		if !slices.ContainsFunc(said, func(a office.GuardAnswer) bool {
			return slices.Equal(a.Why, []dars.GuardWhy{dars.DestructionOverdue}) && slices.Equal(a.Releases, []string{string(before.ID)}) && strings.Contains(a.Says, "CERT-000001") && a.People == dars.UncountedPeople
		}) {
			t.Errorf("of what is overdue the guard says %+v", said)
		}
		h.must(o.Withdraw(t.Context(), h.by("carol"), id))
		h.on("2026-08-01").six()
		if n := len(all[dars.Release](h)); n != 5 {
			t.Errorf("there are %d releases", n)
		}
		h.accounted(h.both[1], c.ID)
		if got := get[dars.Agreement](h, string(g)); got.State != dars.InForce {
			t.Errorf("with the certificate accepted the agreement is %s", got.State)
		}
		if done := h.on("2026-08-02").six(); !slices.Contains(done, "instalment HES_APC 202604 as REL-000006") {
			t.Errorf("with the certificate accepted: %v", done)
		}
		_, err = o.Plan(t.Context(), h.by("carol"), g, "HES_APC", []string{"202602"})
		ruled(t, err, "overtaken")

		// What is accounted for is not asked for again at the end.
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), g))
		last := get[dars.Certificate](h, "CERT-000002")
		if len(last.Files) != 1 || last.Files[0].Release != first.ID || last.Cause != "" {
			t.Errorf("at the end is asked for %+v", last)
		}
		h.sound()
	})
}

func TestAYearThatDropsOutIsAskedBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-12-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.Datasets[0].Periods, f.Datasets[0].RollingYears = []string{"200199", "200299", "200399"}, 2
		g, o := h.agreed(f), office.Releases{Office: h.first()}
		for _, period := range f.Datasets[0].Periods {
			id, err := o.Plan(t.Context(), h.by("carol"), g, "HES_APC", []string{period})
			h.must(err)
			h.must(h.out(h.first(), id))
			h.collect("rita", h.release(id).Files[0])
		}
		certificates := all[dars.Certificate](h)
		if len(certificates) != 1 || len(certificates[0].Files) != 1 || certificates[0].Files[0].Release != "REL-000001" || certificates[0].Cause != dars.CauseYearDropped {
			t.Errorf("the certificates are %+v", certificates)
		}
	})
}

// Two years of monthly extracts are lived in spans that meet at random places, while
// people let them out and recipients collect some, and send certificates back in time or
// late. On each day every file of which a byte was sent is under an agreement in force
// and not replaced, or under a certificate.
func TestYearsOfMonthlyReleases(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.hasYears()
		h.sources(months(4)...)
		h.contract("RA1", "2030-12-31")
		h.monthly(24)
		rnd := rand.New(rand.NewPCG(12, 5))
		six, err := scheduler.Every("0 6 * * *", h.first().Calendar.Zone)
		h.must(err)
		noon, err := scheduler.Every("0 12 * * *", h.first().Calendar.Zone)
		h.must(err)
		at, until := h.noon(), time.Date(2028, time.May, 1, 12, 0, 0, 0, time.UTC)
		for i := 0; at.Before(until); i++ {
			o, to := h.both[i%2], at.Add(time.Duration(rnd.Int64N(int64(90*24*time.Hour))))
			if to.After(until) {
				to = until
			}
			duties := walking(o, func(office.Done) {})
			h.must(scheduler.Live(t.Context(), at, to, scheduler.Job{Name: "duties", Next: six, Run: duties},
				scheduler.Job{Name: "people", Next: noon, Run: func(_ context.Context, due time.Time) error {
					h.on(o.Calendar.Day(due))
					h.monthsWork(o, rnd)
					h.accountable()
					return nil
				}}))
			at = to
		}
		planned := map[string]int{}
		for _, r := range all[dars.Release](h) {
			planned[r.Periods[0]]++
		}
		for period, n := range planned {
			if n != 1 {
				t.Errorf("%s was planned %d times", period, n)
			}
		}
		if n, asked := len(planned), len(all[dars.Certificate](h)); n < 16 || n > 24 || asked < 7 {
			t.Errorf("in two years %d months were planned, and %d certificates asked for", n, asked)
		}
		t.Logf("%d releases, %d certificates", len(planned), len(all[dars.Certificate](h)))
		h.sound()
	})
}

// monthsWork is what people do on a day: what is planned goes out a few days later, most
// of it is collected, and certificates come back after up to two months.
func (h *house) monthsWork(o *office.Office, rnd *rand.Rand) {
	h.t.Helper()
	for _, r := range all[dars.Release](h, dars.By("state", dars.Planned)) {
		if rnd.IntN(5) > 0 {
			continue
		}
		if _, err := h.load("pat", h.today, 5); err != nil {
			ruled(h.t, err, "list-known")
		}
		if err := h.out(o, r.ID); err != nil {
			ruled(h.t, err, "certificate-overdue")
		} else if rnd.IntN(5) > 0 {
			h.some("rita", h.release(r.ID))
		}
	}
	for _, c := range all[dars.Certificate](h, dars.By("state", dars.CertIssued)) {
		if h.today > c.Issued && rnd.IntN(25) == 0 {
			h.accounted(o, c.ID)
		}
	}
}

// accountable checks the property in its own plain way.
func (h *house) accountable() {
	h.t.Helper()
	releases := map[dars.ReleaseID]*dars.Release{}
	last := map[string]string{} // of each year the latest month that was published
	for _, r := range all[dars.Release](h) {
		releases[r.ID] = r
		if year := r.Periods[0][:4]; r.Published != "" {
			last[year] = max(last[year], r.Periods[0])
		}
	}
	asked := map[dars.FileID]int{} // how many certificates list a file
	for _, c := range all[dars.Certificate](h) {
		for _, f := range c.Files {
			asked[f.File]++
		}
	}
	inForce := all[dars.Agreement](h)[0].InForceOn(h.today)
	for _, page := range all[dars.Collection](h) {
		r := releases[page.Release]
		stands, n := inForce && last[r.Periods[0][:4]] == r.Periods[0], asked[page.File]
		if page.Sent().Bytes() > 0 && (stands && n != 0 || !stands && n != 1) {
			h.t.Errorf("%s: %s of %s for %s stands: %t, and %d certificates list it", h.today, page.File, r.ID, r.Periods[0], stands, n)
		}
	}
}

// What recurs is foreseen as it comes: planned, refused because a certificate is overdue,
// and told of where a source is missing.
func TestWhatRecursIsForeseen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, first := recurring(t, h)
		h.some("rita", first)
		h.sources("202512", "202601", "202602", "202605")
		from, until := h.noon(), h.noon().AddDate(1, 0, 0)
		foreseen := h.foreseen(from, until)
		if lived := h.lived(from, until); !slices.Equal(foreseen, lived) {
			t.Errorf("it came otherwise:\n%s", differences(foreseen, lived))
		}
		for _, want := range []string{"instalment HES_APC 202605", "instalment-HES_APC-202604-reminder-0", "instalment-HES_APC-202606-chase-14"} {
			if !slices.ContainsFunc(foreseen, func(l string) bool { return strings.Contains(l, want) }) {
				t.Errorf("never: %s", want)
			}
		}
	})
}

// What was replaced may be kept under no later version.
func TestWhatIsReplacedIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g, first := recurring(t, h)
		h.some("rita", first)
		again, err := office.Releases{Office: h.first()}.Plan(t.Context(), h.by("carol"), g, "HES_APC", []string{"202512"})
		h.must(err)
		h.must(h.out(h.first(), again))
		f := h.renewal(stemOf(g), "2026-03-02", "2029-02-28")
		f.Datasets[0].Frequency, f.Datasets[0].Interval = "ONGOING", "MONTHLY"
		second := h.agreed(f)
		in := h.back(get[dars.Certificate](h, "CERT-000001"), dars.Destruction{File: first.Files[0].ID, Holder: "RA1", HeldUnder: string(second)})
		v := office.Intake{Office: h.first()}.Take(t.Context(), h.by("rita"), in)
		if c := get[dars.Certificate](h, "CERT-000001"); c.State != dars.CertQueried || len(c.Points) == 0 || c.Points[0].Rule != "not-held" {
			t.Errorf("kept under %s it is %s: %+v (%+v)", second, c.State, c.Points, v)
		}
	})
}
