package dars_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

func TestReached(t *testing.T) {
	rungs := []dars.Rung{}
	days := map[string]dars.Day{"a": "2026-03-01", "b": "2026-03-10", "c": "2026-03-20"}
	for _, n := range []string{"a", "b", "c"} {
		rungs = append(rungs, dars.Rung{Name: n, Due: days[n], On: days[n]})
	}
	done := func(names ...string) (all []dars.Step) {
		for _, n := range names {
			all = append(all, dars.Step{Name: n, Due: days[n]})
		}
		return all
	}
	tests := map[string]struct {
		done   []dars.Step
		on     dars.Day
		due    string
		missed int
	}{
		"before the first":                      {nil, "2026-02-28", "", 0},
		"on the first's day":                    {nil, "2026-03-01", "a", 0},
		"the day after, the first not done":     {nil, "2026-03-02", "a", 0},
		"the first done":                        {done("a"), "2026-03-09", "", 0},
		"the second's day":                      {done("a"), "2026-03-10", "b", 0},
		"the first was missed":                  {nil, "2026-03-10", "b", 1},
		"all were missed":                       {nil, "2027-01-01", "c", 2},
		"two were missed":                       {done("a"), "2027-01-01", "c", 1},
		"all done":                              {done("a", "b", "c"), "2027-01-01", "", 0},
		"a missed one never comes afterwards":   {done("c"), "2027-01-01", "", 0},
		"nor one below what is done":            {done("b"), "2026-03-19", "", 0},
		"a step of another ladder says nothing": {done("x"), "2026-03-01", "a", 0},
		"nor one of the day that it was before": {[]dars.Step{{Name: "c", Due: "2025-03-20"}}, "2026-03-01", "a", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			due, missed := dars.Reached(dars.Ahead(rungs, tt.done), tt.on)
			if due.Name != tt.due || len(missed) != tt.missed {
				t.Errorf("due is %q with %d missed, want %q with %d", due.Name, len(missed), tt.due, tt.missed)
			}
		})
	}
}

// An office may change its ladders while one is being climbed: nobody is told earlier what
// they were told later, and what is added ahead comes.
func TestALadderThatIsChangedWhileItIsClimbed(t *testing.T) {
	tests := map[string]struct {
		was, now []int // days before the end, 2026-12-31
		on, then dars.Day
		climbed  string
	}{
		"a step is removed that was taken last": {[]int{90, 60, 30}, []int{90, 30}, "2026-11-05", "2026-11-10", ""},
		"all steps are other ones":              {[]int{90, 60, 30}, []int{120, 45, 10}, "2026-11-05", "2026-11-10", ""},
		"and the next comes on its day":         {[]int{90, 60, 30}, []int{120, 45, 10}, "2026-11-05", "2026-11-17", "reminder-45"},
		"one is put in below a taken one":       {[]int{90, 60, 30}, []int{90, 75, 30}, "2026-11-05", "2026-11-10", ""},
		"one is put in ahead":                   {[]int{90, 30}, []int{90, 45, 30}, "2026-11-05", "2026-11-17", "reminder-45"},
		"none is left":                          {[]int{90, 60, 30}, []int{}, "2026-11-05", "2026-12-31", ""},
		"there were none":                       {[]int{}, []int{90, 60}, "2026-11-05", "2026-11-10", "reminder-60"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", State: dars.InForce, Start: "2026-01-01", End: "2026-12-31"}
			climb := func(days []int, on dars.Day) (name string) {
				_, climbed, err := dars.Policy{Ladders: dars.Ladders{dars.LadderAgreement: {Before: days}}}.Climb(g, dars.LadderAgreement, "", dars.Calendar{}, on)
				if err == nil {
					name = climbed[len(climbed)-1].Name
				}
				return name
			}
			climb(tt.was, tt.on)
			if got := climb(tt.now, tt.then); got != tt.climbed {
				t.Errorf("after the change it climbs %q, not %q", got, tt.climbed)
			}
		})
	}
}

// An audit is triggered once, whenever the office says that one is.
func TestAnAuditIsTriggeredOnceThoughItsDayIsMoved(t *testing.T) {
	for _, days := range []int{20, 56, 200} {
		c := &dars.Certificate{ID: "CERT-000001", State: dars.CertIssued, Ended: "2026-01-01", Issued: "2026-01-02", Due: "2026-01-15"}
		policy := dars.Policy{AuditAfterDays: 56, Ladders: dars.DefaultLadders()}
		var steps []string
		for _, on := range []dars.Day{"2026-03-10", "2026-08-30"} {
			_, climbed, err := policy.Climb(c, dars.LadderCertificate, "", dars.Calendar{}, on)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range climbed {
				steps = append(steps, r.Name)
			}
			policy.AuditAfterDays = days
		}
		if got := strings.Join(steps, " "); got != "chase-15 chase-28 chase-42 audit chase-90" {
			t.Errorf("with an audit after %d days it climbs %s", days, got)
		}
	}
}

// A ladder that is looked at on some days only comes to the same end as one that
// is looked at every day: each step is done once or stood for once, none after a
// higher one, and what was looked at in time was done on its day.
func TestALadderIsClimbedOnceHoweverOftenItIsLookedAt(t *testing.T) {
	for seed := range uint64(2000) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		g := &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", State: dars.InForce, Start: "2026-01-01", End: dars.Day("2026-01-01").Add(rnd.IntN(200))}
		var days []int
		for range 1 + rnd.IntN(6) {
			if n := rnd.IntN(120); !slices.Contains(days, n) {
				days = append(days, n)
			}
		}
		slices.SortFunc(days, func(a, b int) int { return b - a })
		policy := dars.Policy{Ladders: dars.Ladders{dars.LadderAgreement: {Before: days}}}
		remind := func(on dars.Day) (dars.Rung, error) {
			_, climbed, err := policy.Climb(g, dars.LadderAgreement, "", dars.Calendar{}, on)
			if err != nil {
				return dars.Rung{}, err
			}
			return climbed[len(climbed)-1], nil
		}
		letters := 0
		for on := g.Start; on <= g.End.Add(5); on = on.Add(1 + rnd.IntN(1+rnd.IntN(60))) {
			was := facts(t, g)
			rung, err := remind(on)
			if err != nil {
				ruled(t, err, "nothing-due")
				if facts(t, g) != was {
					t.Fatalf("seed %d: a refusal left a trace", seed)
				}
				continue
			}
			letters++
			if again, err := remind(on); err == nil {
				t.Fatalf("seed %d: on %s both %s and %s", seed, on, rung.Name, again.Name)
			}
		}
		var last dars.Day
		seen := map[string]bool{}
		for _, s := range g.Steps {
			if seen[s.Name] || s.Due > s.Done.Add(2) || s.Due < last || s.Done > g.End {
				t.Fatalf("seed %d: the steps are %+v", seed, g.Steps)
			}
			seen[s.Name], last = true, s.Due
		}
		if letters > len(g.Steps) {
			t.Fatalf("seed %d: %d letters for the steps %+v", seed, letters, g.Steps)
		}
		for _, n := range days {
			due := g.End.Add(-n)
			if due < g.Start && seen[fmt.Sprintf("reminder-%d", n)] {
				t.Fatalf("seed %d: reminded for a day before it began", seed)
			}
		}
	}
}

// chases is a policy with some days after the end, and an audit after 56.
func chases(days ...int) dars.Policy {
	return dars.Policy{AuditAfterDays: 56, Ladders: dars.Ladders{dars.LadderCertificate: {After: days}}}
}

// A step that is more than a letter is not lost where it was missed and a letter
// stands above it.
func TestAnAuditIsTriggeredHoweverLateAnybodyLooks(t *testing.T) {
	tests := map[string]struct {
		looks []dars.Day // the agreement ended on 1 March
		audit dars.Day   // when it is triggered
	}{
		"every week":                        {[]dars.Day{"2026-03-15", "2026-03-29", "2026-04-12", "2026-04-26", "2026-05-24"}, "2026-04-26"},
		"once, on the day of the audit":     {[]dars.Day{"2026-04-26"}, "2026-04-26"},
		"once, after the last letter's day": {[]dars.Day{"2026-07-01"}, "2026-07-01"},
		"before it and after the last":      {[]dars.Day{"2026-03-15", "2026-07-01", "2026-08-01"}, "2026-07-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := issued()
			audits := []dars.Day{}
			for _, on := range tt.looks {
				_, climbed, err := chases(14, 28, 42, 84).Climb(c, dars.LadderCertificate, "", dars.Calendar{}, on)
				if err != nil {
					ruled(t, err, "nothing-due")
				}
				if slices.ContainsFunc(climbed, func(r dars.Rung) bool { return r.Name == dars.AuditStep }) {
					audits = append(audits, on)
				}
			}
			if len(audits) != 1 || audits[0] != tt.audit {
				t.Errorf("audits were triggered on %v, want one on %s", audits, tt.audit)
			}
		})
	}
}

func TestNobodyIsChasedForWhatHasCome(t *testing.T) {
	for state, chased := range map[dars.CertificateState]bool{dars.CertIssued: true, dars.CertQueried: true, dars.CertRejected: true,
		dars.CertReceived: false, dars.CertInterim: false, dars.CertAccepted: false} {
		c := covered(issued())
		c.State = state
		was := facts(t, c)
		_, _, err := chases(14).Climb(c, dars.LadderCertificate, "", dars.Calendar{}, "2026-03-20")
		if (err == nil) != chased || err != nil && facts(t, c) != was {
			t.Errorf("one that is %s: %v", state, err)
		}
	}
}

// An agreement is in force from its start, and not when somebody says so earlier.
func TestAnAgreementBeginsAtItsStart(t *testing.T) {
	for on, rule := range map[dars.Day]string{"2026-03-31": "too-early", "2026-04-01": "", "2026-04-02": ""} {
		g := &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", State: dars.CounterSigned, Start: "2026-04-01", End: "2027-03-31"}
		ruled(t, g.Begin(on), rule)
		if (g.State == dars.InForce) != (rule == "") {
			t.Errorf("on %s it is %s", on, g.State)
		}
	}
}

// A last message whose day is on a weekend goes on the last working day before it: on
// the next one it would come too late.
func TestTheLastReminderIsNotLostOnAWeekend(t *testing.T) {
	tests := map[string]struct {
		end, start dars.Day
		on         dars.Day // when the message of the day itself goes
	}{
		"a Friday":                             {"2026-03-06", "2026-01-01", "2026-03-06"},
		"a Saturday":                           {"2026-03-07", "2026-01-01", "2026-03-06"},
		"a Sunday":                             {"2026-03-08", "2026-01-01", "2026-03-06"},
		"Easter Monday":                        {"2026-04-06", "2026-01-01", "2026-04-02"},
		"a Sunday, begun on the Saturday":      {"2026-03-08", "2026-03-07", "2026-03-07"},
		"a Sunday that is the only day of all": {"2026-03-08", "2026-03-08", "2026-03-08"},
	}
	days := dars.Calendar{Holidays: map[dars.Day]string{"2026-04-03": "Good Friday", "2026-04-06": "Easter Monday"}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			policy := dars.Policy{Ladders: dars.Ladders{dars.LadderAgreement: {Before: []int{0}}}}
			g := &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", State: dars.InForce, Start: tt.start, End: tt.end}
			rungs := policy.Rungs(g.Deadlines()[0], days)
			if len(rungs) != 1 || rungs[0].Due != tt.end || rungs[0].On != tt.on {
				t.Errorf("the steps are %+v, want one on %s", rungs, tt.on)
			}
		})
	}
}

// Nobody is chased for a certificate that is not overdue.
func TestTheFirstChaseIsWhenItIsOverdue(t *testing.T) {
	c := issued()
	c.Due = c.Counts().Add(14)
	policy := dars.Policy{AuditAfterDays: 56, Ladders: dars.DefaultLadders()}
	for _, r := range policy.Rungs(c.Deadlines()[0], dars.Calendar{}) {
		if !c.Overdue(r.On) {
			t.Errorf("%s goes on %s, and it is due on %s", r.Name, r.On, c.Due)
		}
	}
}

// One that expires without ever having been in force has no day on which it was.
func TestTheLastDayOfAnAgreementThatExpires(t *testing.T) {
	for state, want := range map[dars.AgreementState]dars.Day{dars.InForce: "2027-03-31", dars.CounterSigned: "2026-03-31"} {
		g := &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", State: state, Start: "2026-04-01", End: "2027-03-31"}
		ruled(t, g.Expire("2027-03-31"), "too-early")
		ruled(t, g.Expire("2027-05-01"), "")
		if g.Ended != want {
			t.Errorf("one that was %s ended on %s, want %s", state, g.Ended, want)
		}
	}
}
