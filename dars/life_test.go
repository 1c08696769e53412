package dars_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// A path is what every noun is tried with: each deed in each state.
type path[S ~string, N dars.Noun] struct {
	life  dars.Life[S]
	make  func(S) N                            // ready for every deed, but for its state
	deeds map[S]map[string]func(N) error       // by the state they lead to
	never func(from S, deed string) bool       // where the noun says no although its life would allow it
	also  func(t *testing.T, deed string, n N) // what is so afterwards
}

// walk tries each deed in each state: it is allowed where the life says so and
// nowhere else, and a refusal leaves no trace.
func walk[S ~string, N dars.Noun](t *testing.T, p path[S, N]) {
	states := map[S]bool{}
	for from, tos := range p.life {
		states[from] = true
		for _, to := range tos {
			states[to] = true
			if p.deeds[to] == nil {
				t.Errorf("nothing leads from %s to %s: no deed was tried", from, to)
			}
		}
	}
	for _, from := range slices.Sorted(maps.Keys(states)) {
		for to, deeds := range p.deeds {
			for name, do := range deeds {
				t.Run(string(from)+"/"+name, func(t *testing.T) {
					n := p.make(from)
					was := facts(t, n)
					err := do(n)
					allowed := slices.Contains(p.life[from], to) && (p.never == nil || !p.never(from, name))
					if !allowed {
						if err == nil {
							t.Fatalf("%s of one that is %s went through", name, from)
						}
						ruled(t, err, "wrong-step")
						if got := facts(t, n); got != was {
							t.Errorf("a refusal left a trace:\n%s\n%s", was, got)
						}
						return
					}
					if err != nil {
						t.Fatalf("%s of one that is %s: %v", name, from, err)
					}
					if got := n.Card().State; got != string(to) {
						t.Errorf("%s made it %s, not %s", name, got, to)
					}
					if p.also != nil {
						p.also(t, name, n)
					}
				})
			}
		}
	}
}

func TestLifeOfAnOrganisation(t *testing.T) {
	type do = map[string]func(*dars.Organisation) error
	walk(t, path[dars.OrgState, *dars.Organisation]{
		life: dars.OrgLife,
		make: func(s dars.OrgState) *dars.Organisation { return &dars.Organisation{Code: "RA1", State: s} },
		deeds: map[dars.OrgState]do{
			dars.OrgOnHold: {"hold": func(o *dars.Organisation) error { return o.Hold(by("P-000001")) }},
			dars.OrgActive: {"release hold": func(o *dars.Organisation) error { return o.ReleaseHold(by("P-000001")) }},
		},
		also: func(t *testing.T, deed string, o *dars.Organisation) {
			if want := map[string]string{"hold": "asked for"}[deed]; o.HoldReason != want {
				t.Errorf("the reason is %q, want %q", o.HoldReason, want)
			}
		},
	})
}

func TestLifeOfAContract(t *testing.T) {
	type do = map[string]func(*dars.Contract) error
	walk(t, path[dars.ContractState, *dars.Contract]{
		life: dars.ContractLife,
		make: func(s dars.ContractState) *dars.Contract {
			return &dars.Contract{ID: "CON-000001-B1C2D", Org: "RA1", State: s, Start: "2026-01-01", End: "2026-12-31",
				Hands: dars.Hands{{Step: "confirmed", By: "P-000001", Via: dars.SSH}}, ConfirmedBy: []dars.PersonID{"P-000001"}}
		},
		deeds: map[dars.ContractState]do{
			dars.ContractSigned:     {"second confirm": func(c *dars.Contract) error { return c.Confirm(by("P-000002")) }},
			dars.ContractAgreed:     {"countersign": func(c *dars.Contract) error { return c.Countersign(by("P-000003"), "2025-12-31") }},
			dars.ContractInForce:    {"begin": func(c *dars.Contract) error { return c.Begin("2026-01-01") }},
			dars.ContractExpired:    {"expire": func(c *dars.Contract) error { return c.Expire("2027-01-01") }},
			dars.ContractTerminated: {"terminate": func(c *dars.Contract) error { return c.Terminate(by("P-000001"), "2026-07-01") }},
		},
	})
}

func TestLifeOfAnApplication(t *testing.T) {
	const on = dars.Day("2026-03-02")
	calendar := london(t)
	type do = map[string]func(*dars.Application) error
	deeds := map[dars.ApplicationState]do{
		dars.Submitted:    {"resubmit": func(p *dars.Application) error { return p.Resubmit(by("P-000001"), dars.Form{}, on) }},
		dars.ReferredBack: {"refer back": func(p *dars.Application) error { return p.ReferBack(by("P-000001"), on) }},
		dars.Accepted:     {"accept": func(p *dars.Application) error { return p.Accept(by("P-000001"), calendar, on) }},
		dars.Assessed:     {"assess": func(p *dars.Application) error { return p.Assess(by("P-000001"), []dars.PersonID{"P-000001"}, on) }},
		dars.PreReviewed:  {"pre-review": func(p *dars.Application) error { return p.PreReview(by("P-000001"), on) }},
		dars.AtDAAG:       {"present": func(p *dars.Application) error { return p.Present(by("P-000001"), on) }},
		dars.Approved:     {"approve": func(p *dars.Application) error { return p.SIRO(by("P-000001"), true, on) }},
		dars.Declined:     {"decline": func(p *dars.Application) error { return p.SIRO(by("P-000001"), false, on) }},
		dars.TakenBack:    {"withdraw": func(p *dars.Application) error { return p.Withdraw(by("P-000001"), on) }},
	}
	for _, outcome := range []dars.ApplicationState{dars.Recommended, dars.WithCaveats, dars.Deferred, dars.Returned, dars.Rejected} {
		var points []dars.Point
		if outcome != dars.Recommended && outcome != dars.Rejected {
			points = []dars.Point{{Owner: dars.TheApplicant, Due: on, Text: "publish a privacy notice"}}
		}
		deeds[outcome] = do{"outcome " + string(outcome): func(p *dars.Application) error { return p.Outcome(by("P-000001"), outcome, on, points...) }}
	}
	application := func(identifiability string) func(dars.ApplicationState) *dars.Application {
		return func(s dars.ApplicationState) *dars.Application {
			return &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: s,
				Review: dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true},
				Form:   dars.Form{Datasets: []dars.DatasetRequest{{Code: "HES_APC", Identifiability: identifiability}}}}
		}
	}
	t.Run("committee", func(t *testing.T) {
		siroTooEarly := 0
		walk(t, path[dars.ApplicationState, *dars.Application]{
			life: dars.ApplicationLife, make: application("IDENT"), deeds: map[dars.ApplicationState]do{
				dars.Submitted: deeds[dars.Submitted], dars.ReferredBack: deeds[dars.ReferredBack], dars.Accepted: deeds[dars.Accepted],
				dars.Assessed: deeds[dars.Assessed], dars.PreReviewed: deeds[dars.PreReviewed], dars.AtDAAG: deeds[dars.AtDAAG],
				dars.Recommended: deeds[dars.Recommended], dars.WithCaveats: deeds[dars.WithCaveats], dars.Deferred: deeds[dars.Deferred], dars.Returned: deeds[dars.Returned],
				dars.Rejected: deeds[dars.Rejected], dars.TakenBack: deeds[dars.TakenBack],
				dars.Approved: {"approve": afterDAAG(deeds[dars.Approved]["approve"], &siroTooEarly)},
				dars.Declined: {"decline": afterDAAG(deeds[dars.Declined]["decline"], &siroTooEarly)},
			},
			never: func(from dars.ApplicationState, deed string) bool {
				return (from == dars.Assessed || from == dars.PreReviewed) && (deed == "approve" || deed == "decline")
			},
			also: oneDecision,
		})
		if siroTooEarly != 2 {
			t.Errorf("the SIRO was told %d times that DAAG comes first", siroTooEarly)
		}
	})
	t.Run("aggregate", func(t *testing.T) {
		p := application("AGG_SUPPRESSED")(dars.PreReviewed)
		was := facts(t, p)
		ruled(t, p.Present(by("P-000001"), on), "wrong-route")
		if got := facts(t, p); got != was {
			t.Errorf("a refusal left a trace: %s", got)
		}
		ruled(t, p.SIRO(by("P-000001"), true, on), "")
		if p.State != dars.Approved {
			t.Errorf("it is %s", p.State)
		}
	})
}

// afterDAAG turns the refusal of an application that has not been to DAAG into
// that of a wrong step, and counts it.
func afterDAAG(do func(*dars.Application) error, n *int) func(*dars.Application) error {
	return func(p *dars.Application) error {
		err := do(p)
		if p.State == dars.PreReviewed && err != nil && strings.Contains(err.Error(), "must go to DAAG before the SIRO decides") {
			*n++
			return dars.Refuse("wrong-step", p.ID(), "%s", err)
		}
		return err
	}
}

// oneDecision checks that a step of the decision is noted once.
func oneDecision(t *testing.T, deed string, p *dars.Application) {
	want := 1
	if deed == "accept" || deed == "resubmit" {
		want = 0
	}
	if len(p.Decisions) != want || want == 1 && p.Decisions[0].Outcome != string(p.State) {
		t.Errorf("after %s: %+v", deed, p.Decisions)
	}
}

func TestLifeOfAnAgreement(t *testing.T) {
	type do = map[string]func(*dars.Agreement) error
	walk(t, path[dars.AgreementState, *dars.Agreement]{
		life: dars.AgreementLife,
		make: func(s dars.AgreementState) *dars.Agreement {
			return &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", State: s, Start: "2026-06-01", End: "2026-12-31", Copy: &dars.SignedCopy{},
				Stem: "DARS-NIC-000001-B1C2D", Controllers: []dars.Signing{{Org: "RA1", ConfirmedBy: []dars.PersonID{"P-000001"}}}, ConfirmedBy: []dars.PersonID{"P-000001"}, Hands: dars.Hands{{Step: "confirmed", By: "P-000001", Via: dars.SSH}}}
		},
		deeds: map[dars.AgreementState]do{
			dars.AgreementSigned:  {"second confirm": func(g *dars.Agreement) error { return g.Confirm(by("P-000002"), "2026-03-02") }},
			dars.CounterSigned:    {"countersign": func(g *dars.Agreement) error { return g.Countersign(by("P-000003"), "2026-03-02") }},
			dars.InForce:          {"begin": func(g *dars.Agreement) error { return g.Begin("2026-06-01") }},
			dars.AgreementExpired: {"expire": func(g *dars.Agreement) error { return g.Expire("2027-01-01") }},
			dars.Terminated:       {"terminate": func(g *dars.Agreement) error { return g.Terminate(by("P-000001"), "2026-07-01") }},
			dars.DeletionDue:      {"owe deletion": func(g *dars.Agreement) error { return g.OweDeletion("CERT-000001") }},
			dars.Closed:           {"close": func(g *dars.Agreement) error { return g.Close() }},
			dars.Superseded: {"supersede": func(g *dars.Agreement) error {
				return g.Supersede(&dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v2.0", Stem: g.Stem}, "2026-07-01")
			}},
		},
		also: func(t *testing.T, deed string, g *dars.Agreement) {
			ended := map[string]dars.Day{"expire": "2026-12-31", "terminate": "2026-07-01", "supersede": "2026-06-30"}[deed]
			lapsed := !g.HasBegun() && g.Ended == g.Start.Add(-1)
			if g.Ended != ended && !lapsed {
				t.Errorf("its last day is %q, want %q", g.Ended, ended)
			}
			if signed := g.Controllers[0].SignedOn; (signed != "") != (deed == "second confirm") {
				t.Errorf("after %s it is signed on %q", deed, signed)
			}
		},
	})
}

func TestLifeOfARelease(t *testing.T) {
	type do = map[string]func(*dars.Release) error
	walk(t, path[dars.ReleaseState, *dars.Release]{
		life: dars.ReleaseLife,
		make: func(s dars.ReleaseState) *dars.Release { return &dars.Release{ID: "REL-000001", State: s} },
		deeds: map[dars.ReleaseState]do{
			dars.Produced:         {"produce": func(r *dars.Release) error { return r.Produce(by("P-000001"), dars.Package{Attempt: "A"}) }},
			dars.Checked:          {"check": func(r *dars.Release) error { return r.Check(by("P-000001")) }},
			dars.SignedOff:        {"sign off": func(r *dars.Release) error { return r.SignOff(by("P-000001")) }},
			dars.Published:        {"publish": func(r *dars.Release) error { return r.Publish(by("P-000001"), "2026-03-02", 14, "2026-12-31") }},
			dars.Collected:        {"collect": func(r *dars.Release) error { return r.Collect() }},
			dars.Purged:           {"purge": func(r *dars.Release) error { return r.Purge() }},
			dars.ReleaseWithdrawn: {"withdraw": func(r *dars.Release) error { return r.Withdraw(by("P-000001")) }},
		},
		also: func(t *testing.T, deed string, r *dars.Release) {
			open := deed == "publish"
			if r.Open("2026-03-15") != open || r.Open("2026-03-16") {
				t.Errorf("after %s it can be collected until %q", deed, r.WindowEnds)
			}
		},
	})
}

func TestLifeOfACertificate(t *testing.T) {
	type do = map[string]func(*dars.Certificate) error
	walk(t, path[dars.CertificateState, *dars.Certificate]{
		life: dars.CertificateLife,
		make: func(s dars.CertificateState) *dars.Certificate {
			c := issued()
			c.State = s
			c.Items = []dars.Destruction{{File: "FILE0000001", Holder: "RA1", Copy: "live", Covered: true}}
			c.From = "P-000009"
			if s == dars.CertInterim {
				c.BackupEnd = "2026-03-31"
				c.Items[0].BackupUntil = "2026-03-31"
			}
			return c
		},
		deeds: map[dars.CertificateState]do{
			dars.CertReceived: {"receive": func(c *dars.Certificate) error { return c.Receive(by("P-000009"), filledIn(), "2026-03-02", nil) }},
			dars.CertQueried: {
				"query":        func(c *dars.Certificate) error { return c.Query(by("P-000001")) },
				"query points": queryAPoint,
			},
			dars.CertRejected: {"reject": func(c *dars.Certificate) error { return c.Reject(by("P-000001")) }},
			dars.CertAccepted: {
				"accept":       func(c *dars.Certificate) error { return c.Accept(by("P-000001"), "2026-03-02", nil) },
				"backups gone": func(c *dars.Certificate) error { return c.BackupsGone("2026-04-01") },
			},
			dars.CertInterim: {"accept with a backup": func(c *dars.Certificate) error {
				was := c.Items
				c.Items = []dars.Destruction{{File: "FILE0000001", Holder: "RA1", Copy: "live", Covered: true, BackupUntil: "2026-05-01"}}
				err := c.Accept(by("P-000001"), "2026-03-02", nil)
				if err != nil {
					c.Items = was
				}
				return err
			}},
		},
		never: func(from dars.CertificateState, deed string) bool {
			// A person accepts what was received; the day makes an interim one final.
			return deed == "accept" && from != dars.CertReceived || deed == "backups gone" && from != dars.CertInterim
		},
	})
}

// queryAPoint sends a certificate back for one point.
func queryAPoint(c *dars.Certificate) error {
	was := c.Points
	c.Points = []dars.Mistake{{Field: "signed.name", Says: "is empty", Rule: "not-signed"}}
	err := c.QueryPoints()
	if err != nil {
		c.Points = was
	}
	return err
}

// An interim certificate is no second acceptance away from being final: the
// backup lives on whatever anybody says.
func TestAnInterimCertificateWaitsForItsDay(t *testing.T) {
	c := issued()
	c.State, c.BackupEnd = dars.CertInterim, "2026-03-31"
	was := facts(t, c)
	ruled(t, c.BackupsGone("2026-03-31"), "too-early")
	ruled(t, c.Accept(by("P-000001"), "2026-03-15", nil), "wrong-step")
	if got := facts(t, c); got != was {
		t.Errorf("a refusal left a trace: %s", got)
	}
	ruled(t, c.BackupsGone("2026-04-01"), "")
	if c.State != dars.CertAccepted {
		t.Errorf("it is %s", c.State)
	}
}

// The manual prints the lives: each state is reached, and each kind of noun that
// has a life is printed.
func TestTheProcessIsPrinted(t *testing.T) {
	tables := dars.Process()
	if len(tables) < 7 {
		t.Fatalf("only %d lives are printed", len(tables))
	}
	for _, table := range tables {
		if kind, _, _ := strings.Cut(table.Noun, ","); dars.Nouns[kind] == nil { // "release, objections that came late": what it stands in beside its life
			t.Errorf("there is no noun %q", table.Noun)
		}
		if len(table.Steps) == 0 || !slices.IsSortedFunc(table.Steps, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) }) {
			t.Errorf("the steps of %s are %v", table.Noun, table.Steps)
		}
	}
}

// The log is replayed into an empty noun of the kind that its card says.
func TestNounsAreFiledUnderTheirKind(t *testing.T) {
	for kind, empty := range dars.Nouns {
		n := empty()
		if got := n.Card().Kind; got != kind {
			t.Errorf("a %s is filed under %q", kind, got)
		}
		if reflect.ValueOf(n).Kind() != reflect.Pointer || reflect.ValueOf(empty()).Pointer() == reflect.ValueOf(n).Pointer() {
			t.Errorf("two %ss are one", kind)
		}
	}
}
