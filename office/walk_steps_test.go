package office_test

import (
	"encoding/json"
	"fmt"

	"darsd/dars"
	"darsd/office"
)

// What may be done with each noun, by the state it is in.

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (w *walk) load() action {
	return action{name: "load list", who: "pat", do: func(a dars.Act) error {
		return errorOf(office.Objections{Office: w.first()}.Load(w.t.Context(), a, listed(5), w.today))
	}}
}

func (w *walk) issueContract(org dars.OrgCode) action {
	return action{name: "issue contract", who: w.officer(), do: func(a dars.Act) error {
		return errorOf(office.Parties{Office: w.first()}.IssueContract(w.t.Context(), a, org, w.today.Add(w.rnd.IntN(3)), w.today.Add(100+w.rnd.IntN(900))))
	}}
}

func (w *walk) onContract(c *dars.Contract) []action {
	ctx, o := w.t.Context(), office.Parties{Office: w.both[w.rnd.IntN(2)]}
	switch c.State {
	case dars.ContractIssued:
		return []action{{name: "confirm contract", who: w.officer(), do: func(a dars.Act) error { return o.ConfirmContract(ctx, a, c.ID) }}}
	case dars.ContractSigned:
		return []action{{name: "countersign contract", who: "nora", do: func(a dars.Act) error { return o.CountersignContract(ctx, a, c.ID) }}}
	}
	return nil
}

// apply asks for a new case, or for the next version of one: sometimes with two
// controllers, sometimes for less.
func (w *walk) apply(of string) action {
	return action{name: "apply", who: "rita", do: func(a dars.Act) error {
		f := w.form()
		if w.rnd.IntN(2) == 0 {
			f = w.nameless()
		}
		f.Start = w.today.Add(w.rnd.IntN(20))
		f.End = f.Start.Add(10 + w.rnd.IntN(500))
		if w.rnd.IntN(3) == 0 {
			f.Controllers = append(f.Controllers, "RA2")
		}
		if of != "" {
			f.Kind, f.Previous = []string{"renewal", "amendment", "extension"}[w.rnd.IntN(3)], of
			f.Purpose.Yielded = "fewer admissions"
			f.Datasets[0].Periods = f.Datasets[0].Periods[:1+w.rnd.IntN(2)]
		}
		return errorOf(office.Applications{Office: w.first()}.Submit(w.t.Context(), a, w.folder(f), ""))
	}}
}

func (w *walk) onApplication(p *dars.Application, agreements []*dars.Agreement) (next []action) {
	ctx, o, c := w.t.Context(), office.Applications{Office: w.both[w.rnd.IntN(2)]}, office.Committee{Office: w.both[w.rnd.IntN(2)]}
	step := func(name, who string, do func(dars.Act) error) {
		next = append(next, action{name: name, who: who, do: do})
	}
	ref := string(p.ID())
	next = w.onActions(p)
	switch p.State {
	case dars.Submitted:
		n := max(1, len(p.Evidence))
		switch {
		case n > 0 && len(p.Evidence) > 0 && p.Evidence[n-1].State() != dars.EvidenceSeen:
			step("look", w.officer(), func(a dars.Act) error { return o.Look(ctx, a, ref, n, dars.EvidenceSeen, dars.Reading{}) })
		case !p.Review.Passed():
			step("review", w.officer(), func(a dars.Act) error {
				return o.Review(ctx, a, ref, dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true})
			})
		default:
			step("accept", w.officer(), func(a dars.Act) error { return o.Accept(ctx, a, ref) })
		}
	case dars.Accepted:
		step("assess", "iris", func(a dars.Act) error { return c.Assess(ctx, a, ref) })
	case dars.Assessed:
		step("pre-review", "sue", func(a dars.Act) error { return c.PreReview(ctx, a, ref) })
	case dars.PreReviewed, dars.WithCaveats, dars.Deferred, dars.Returned:
		step("present", "iris", func(a dars.Act) error { return c.Present(ctx, a, ref) })
		if p.State == dars.WithCaveats {
			step("decide", "sid", func(a dars.Act) error { return c.SIRO(ctx, a, ref, w.rnd.IntN(8) > 0) })
		}
	case dars.AtDAAG:
		outcome, points := w.outcome()
		step("outcome", "sue", func(a dars.Act) error { return c.Outcome(ctx, a, ref, outcome, points...) })
	case dars.Recommended:
		step("decide", "sid", func(a dars.Act) error { return c.SIRO(ctx, a, ref, w.rnd.IntN(8) > 0) })
	case dars.Approved:
		for _, g := range agreements {
			if g.Application == p.ID() {
				return next
			}
		}
		step("issue", w.officer(), func(a dars.Act) error {
			return errorOf(office.Agreements(o).Issue(ctx, a, ref, "", ""))
		})
	}
	return next
}

func (w *walk) onAgreement(g *dars.Agreement) (next []action) {
	ctx, o := w.t.Context(), office.Agreements{Office: w.both[w.rnd.IntN(2)]}
	step := func(name, who string, do func(dars.Act) error) {
		next = append(next, action{name: name, who: who, do: do})
	}
	switch g.State {
	case dars.AgreementIssued:
		if g.Copy == nil || w.rnd.IntN(6) == 0 {
			text := fmt.Sprintf("signed %s\n%d", g.ID, len(w.trail))
			step("copy", "rita", func(a dars.Act) error {
				return errorOf(o.TakeCopy(ctx, a, paper("submit", "signed.pdf", text), []byte(text)))
			})
		}
		if g.Copy != nil {
			var signed []dars.OrgCode
			if w.rnd.IntN(2) == 0 {
				signed = []dars.OrgCode{g.Controllers[w.rnd.IntN(len(g.Controllers))].Org}
			}
			step("confirm", w.officer(), func(a dars.Act) error { return o.Confirm(ctx, a, g.ID, signed...) })
		}
	case dars.AgreementSigned:
		step("countersign", "nora", func(a dars.Act) error { return o.Countersign(ctx, a, g.ID) })
	case dars.InForce, dars.CounterSigned:
		for _, b := range g.Obligations {
			if b.State == dars.ObligationOpen {
				step("met", w.officer(), func(a dars.Act) error { return o.Meet(ctx, a, g.ID, b.N) })
			}
		}
		if w.rnd.IntN(4) == 0 || len(all[dars.Release](w.house, dars.By("agreement", g.ID))) == 0 {
			step("plan", w.officer(), func(a dars.Act) error {
				return errorOf(office.Releases(o).Plan(ctx, a, g.ID, "HES_APC", nil))
			})
		}
		if w.rnd.IntN(4) == 0 {
			next = append(next, w.apply(g.Stem))
		}
	}
	return next
}

func (w *walk) onRelease(r *dars.Release) (next []action) {
	ctx, o := w.t.Context(), office.Releases{Office: w.both[w.rnd.IntN(2)]}
	step := func(name, who string, do func(dars.Act) error) {
		next = append(next, action{name: name, who: who, do: do, of: string(r.ID)})
	}
	switch r.State {
	case dars.Planned:
		step("produce", "pat", func(a dars.Act) error { return o.Produce(ctx, a, r.ID) })
	case dars.Produced:
		step("check", "chris", func(a dars.Act) error { return o.Check(ctx, a, r.ID) })
	case dars.Checked:
		next = append(next, w.signOff(r))
	case dars.SignedOff:
		step("publish", "pat", func(a dars.Act) error { return o.Publish(ctx, a, r.ID) })
	case dars.Published:
		if len(r.Files) > 0 {
			f := r.Files[w.rnd.IntN(len(r.Files))]
			step("collect", "rita", func(a dars.Act) error { return w.fetch(a, f) })
		}
	}
	return next
}

// fetch lets whoever acts read some of a file.
func (w *walk) fetch(a dars.Act, f dars.ReleaseFile) error {
	login := get[dars.Person](w.house, string(a.Who)).Login
	d, some := w.download(login, f.ID, fmt.Sprint("handle", len(w.trail))), dars.Range{From: 0, To: 1 + int64(w.rnd.IntN(100))}
	l := office.Ledger{Office: w.first()}
	if err := l.Reserve(w.t.Context(), d, some, w.noon()); err != nil {
		return err
	}
	return l.Settle(w.t.Context(), d, dars.Ranges{some}, dars.Ranges{some}, w.noon())
}

func (w *walk) onCertificate(c *dars.Certificate) []action {
	o := office.Deletion{Office: w.both[w.rnd.IntN(2)]}
	switch c.State {
	case dars.CertIssued, dars.CertQueried, dars.CertRejected:
		return []action{{name: "certify", who: "rita", do: func(a dars.Act) error {
			in := w.filled(c.ID, "")
			return errorOf(o.Receive(w.t.Context(), a, in, contentOf(in)))
		}}}
	case dars.CertReceived:
		return []action{{name: "accept certificate", who: "connie", do: func(a dars.Act) error { return o.Accept(w.t.Context(), a, c.ID) }}}
	}
	return nil
}
