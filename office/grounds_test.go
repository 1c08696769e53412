package office_test

import (
	"errors"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// What an application rests on is asked for at every step, and not only when it is
// let in.
func TestWhatAnApplicationRestsOn(t *testing.T) {
	lapsed := []dars.Party{{Code: "RA1", ICO: &dars.Registration{Number: "Z7654321", Expires: "2015-01-01"}}}
	tests := map[string]struct {
		change func(*dars.Form)
		rule   string // that refuses to let it in
	}{
		"nothing is wrong":                      {func(*dars.Form) {}, ""},
		"its registration ended, the form says": {func(f *dars.Form) { f.Parties = lapsed }, "ico-lapsed"},
		"a processor of which nothing is known": {func(f *dars.Form) { f.Processors = []dars.OrgCode{"RA9"} }, "no-ico"},
		"tabulations, by a processor like that": {func(f *dars.Form) {
			f.Processors, f.Datasets[0].Identifiability = []dars.OrgCode{"RA9"}, "AGG_SUPPRESSED"
		}, ""},
		"a registration that is shown, and unseen": {func(f *dars.Form) {
			f.Evidence = append(f.Evidence, dars.Evidence{Kind: "ico", File: "cag.txt", Ref: "Z1234567"})
		}, "evidence"},
		"support that holds only from tomorrow": {func(f *dars.Form) { f.Evidence[0].Approved = f.Start.Add(1) }, "evidence"},
	}
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		h.must(office.Parties{Office: h.first()}.AddOrganisation(ctx, h.by("carol"), dars.Organisation{Code: "RA9", Name: "Cloud"}))
		o := office.Applications{Office: h.first()}
		for name, tt := range tests {
			f := h.form()
			tt.change(&f)
			ref := h.submitted(f)
			h.must(errors.Join(o.Look(ctx, h.by("carol"), ref, 1, dars.EvidenceSeen, dars.Reading{}),
				o.Review(ctx, h.by("carol"), ref, dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true})))
			before := h.head()
			err := o.Accept(ctx, h.by("carol"), ref)
			t.Log(name)
			ruled(t, err, tt.rule)
			if tt.rule != "" && h.head() != before {
				t.Errorf("%s: a refusal left a trace", name)
			}
		}
	})
}

// Evidence that is refused after acceptance stops every step to the agreement.
func TestEvidenceRefusedAfterAcceptanceStopsEveryStep(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		ref := h.submitted(h.form())
		o, c := office.Applications{Office: h.first()}, office.Committee{Office: h.first()}
		h.must(errors.Join(o.Look(ctx, h.by("carol"), ref, 1, dars.EvidenceSeen, dars.Reading{}),
			o.Review(ctx, h.by("carol"), ref, dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}), o.Accept(ctx, h.by("carol"), ref)))
		h.must(h.sit())
		for _, step := range []func() error{
			func() error { return c.Assess(ctx, h.by("iris"), ref) },
			func() error { return c.PreReview(ctx, h.by("sue"), ref) },
			func() error { return c.Present(ctx, h.by("iris"), ref) },
			func() error { return c.Outcome(ctx, h.by("sue"), ref, dars.Recommended) },
			func() error { return c.SIRO(ctx, h.by("sid"), ref, true) },
			func() error {
				return errorOf(office.Agreements{Office: h.first()}.Issue(ctx, h.by("carol"), ref, "", ""))
			},
		} {
			state := get[dars.Application](h, ref).State
			h.must(o.Look(ctx, h.by("carol"), ref, 1, dars.EvidenceRefused, dars.Reading{}))
			if state != dars.AtDAAG { // what DAAG said is noted, whatever became of the evidence
				ruled(t, step(), "evidence")
			}
			h.must(errors.Join(o.Look(ctx, h.by("carol"), ref, 1, dars.EvidenceSeen, dars.Reading{}), step()))
		}
	})
}

// A shown registration that lapses or is refused stops releases, too.
func TestAShownRegistrationThatLapses(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		id := h.agreement()
		o, stem := office.Applications{Office: h.first()}, get[dars.Agreement](h, string(id)).Stem
		n, err := o.AddEvidence(ctx, h.by("rita"), stem, dars.Evidence{Kind: "ico", File: "ico.txt", Expires: "2026-03-05"}, []byte("Registered."))
		h.must(err)
		h.must(o.Look(ctx, h.by("carol"), stem, n, dars.EvidenceSeen, dars.Reading{}))
		r := h.signedOff(id)
		h.today = "2026-03-06"
		ruled(t, office.Releases{Office: h.first()}.Publish(ctx, h.by("pat"), r), "evidence")
		_, err = o.AddEvidence(ctx, h.by("rita"), stem, dars.Evidence{Kind: "ico", File: "ico.txt", Approved: "2027-03-01", Expires: "2027-02-01"}, []byte("Registered again."))
		ruled(t, err, "bad-dates")
	})
}

// A renewal that was taken back hides no version in force; one that is open is what
// acts fall on.
func TestWhichVersionAStemMeans(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		stem := h.stem(h.agreed(h.form()))
		o, desk := office.Applications{Office: h.first()}, office.Desk{Office: h.first()}
		read := func(ref string) string {
			t.Helper()
			p, err := desk.Application(ctx, h.people["carol"], ref)
			h.must(err)
			return p.Version()
		}
		_, err := h.submit(h.next(dars.Renewal, stem), "")
		h.must(err)
		if v := read(stem); v != "v1.0" {
			t.Errorf("to read, %s means %s", stem, v)
		}
		h.must(o.ReferBack(ctx, h.by("carol"), stem))
		if p := get[dars.Application](h, stem+"-v2"); p.State != dars.ReferredBack {
			t.Errorf("an act fell elsewhere: v2 is %s", p.State)
		}
		_, err = h.submit(h.next(dars.Renewal, stem), "")
		h.must(err)
		if v := read(" " + stem + "-v2.0"); v != "v2.0" {
			t.Errorf("an old version is %s", v)
		}
		ruled(t, o.ReferBack(ctx, h.by("carol"), stem+"-v2.0"), "other-version")
		h.must(o.Withdraw(ctx, h.by("rita"), stem))
		if v := read(stem); v != "v1.0" {
			t.Errorf("after v2 was taken back, %s means %s", stem, v)
		}
		_, err = o.AddEvidence(ctx, h.by("rita"), stem, dars.Evidence{Kind: "cag", File: "cag.txt"}, []byte("Supported until 2030."))
		h.must(err)
		if n := len(get[dars.Application](h, stem+"-v1").Evidence); n != 2 {
			t.Errorf("v1 has %d papers", n)
		}
	})
}

// Who hands an application in for somebody neither reviews it nor lets it in; and a
// second review goes on from the first.
func TestASecondPairOfEyes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		o := office.Applications{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		id, err := o.Submit(ctx, h.by("carol"), h.folder(h.form()), "")
		h.must(err)
		ref := string(id)
		ruled(t, o.Review(ctx, h.by("carol"), ref, dars.Review{LegalBasis: true}), "same-person")
		h.must(o.Look(ctx, h.by("colin"), ref, 1, dars.EvidenceSeen, dars.Reading{}))
		h.must(o.Review(ctx, h.by("colin"), ref, dars.Review{LegalBasis: true, Security: true, Notes: map[string]string{"PURPOSE": "say what care gains"}}))
		h.must(o.Review(ctx, h.by("colin"), ref, dars.Review{Feasibility: true, Purpose: true, Fails: []string{"SECURITY"}}))
		if r := get[dars.Application](h, ref).Review; !r.LegalBasis || r.Security || !r.Feasibility || !r.Purpose || r.Notes["PURPOSE"] == "" {
			t.Errorf("the review is %+v", r)
		}
		h.must(o.Review(ctx, h.by("colin"), ref, dars.Review{Security: true}))
		ruled(t, o.Accept(ctx, h.by("carol"), ref), "same-person")
		h.must(o.Accept(ctx, h.by("colin"), ref))
	})
}

// The reference that the office hands out is understood in the names of files and
// folders, and the same file counts again when it is asked for again.
func TestRepliesByTheReferenceHandedOut(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		o, in := office.Applications{Office: h.first()}, office.Intake{Office: h.first()}
		take := func(a office.Arrived) dars.Verdict { return in.Take(ctx, office.At(h.people["rita"], h.noon()), a) }
		form := h.folder(h.form())
		v := take(form)
		if v.Verdict != dars.VerdictAccepted || v.Version != "v1.0" || v.Ref+"-v1" != string(all[dars.Application](h)[0].ID()) {
			t.Fatalf("the application: %+v", v)
		}
		stem := v.Ref
		if again := take(form); again.Ref != stem || len(all[dars.Application](h)) != 1 {
			t.Errorf("the same form again: %+v", again)
		}
		other := h.submitted(h.form())
		form.Name = strings.TrimSuffix(other, "-v1")
		if v := take(form); v.Verdict != dars.VerdictRejected {
			t.Errorf("the same form for another case: %+v", v)
		}
		_, err := o.AddAction(ctx, h.by("carol"), stem, "applicant", h.today, "Say how long.")
		h.must(err)
		answer := paper("submit", strings.ToLower(stem)+"-v1-action-1.txt", "Five years.")
		for n := 1; n <= 2; n++ {
			for range 2 { // and again is once
				if v := take(answer); v.Verdict != dars.VerdictAccepted {
					t.Fatalf("the answer: %+v", v)
				}
			}
			if p := get[dars.Application](h, stem+"-v1"); p.Actions[0].State != dars.ActionAnswered || len(p.Actions[0].Answers) != 2*n-1 {
				t.Fatalf("it is %+v", p.Actions[0])
			}
			h.must(o.ReopenAction(ctx, h.by("carol"), stem, 1))
		}
		for name, rule := range map[string]string{
			stem + "-v1-action-1.pdf":                      "no-text",
			stem + "-v1.3-withdraw.txt":                    "other-version",
			strings.ToLower(stem) + "-v1.0-evidence-x.txt": "no-kind",
			"note.txt": "not-known",
		} {
			if v := take(paper("submit", name, "%PDF words")); v.Code != rule {
				t.Errorf("%s: %+v", name, v)
			}
		}
		if v := take(paper("submit", stem+"-v1.0-evidence-ethics.txt", "Approved.")); v.Verdict != dars.VerdictAccepted {
			t.Errorf("evidence by the reference: %+v", v)
		}
		enquiry := paper("submit", "enquiry.txt", "May we?")
		first := take(enquiry).Ref
		h.must(o.AnswerEnquiry(ctx, h.by("carol"), dars.EnquiryID(first), "You may."))
		if v := take(enquiry); v.Ref == first || v.Verdict != dars.VerdictAccepted {
			t.Errorf("asked again: %+v", v)
		}
	})
}
