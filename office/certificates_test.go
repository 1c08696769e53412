package office_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// ended is an agreement that has ended after rita collected two files under it, with
// the certificate that is asked for.
func (h *house) ended() (*dars.Release, *dars.Certificate) {
	h.t.Helper()
	h.contract("RA1", "2029-03-31")
	h.list("2026-03-01", 5)
	id := h.agreed(h.form())
	r := h.published(id)
	h.collect("rita", r.Files[0])
	h.collect("rita", r.Files[1])
	h.must(office.Agreements{Office: h.first()}.Terminate(h.t.Context(), h.by("carol"), id))
	return r, get[dars.Certificate](h, string(get[dars.Agreement](h, string(id)).Certificate))
}

// back is a form of a certificate, signed by two people, as it comes back.
func (h *house) back(c *dars.Certificate, items ...dars.Destruction) office.Arrived {
	return h.backBy(c, "Ian Infrastructure", items...)
}

// backBy is the same with somebody else as having performed it.
func (h *house) backBy(c *dars.Certificate, performed string, items ...dars.Destruction) office.Arrived {
	h.t.Helper()
	f := dars.CertificateForm{Certificate: c.ID, Agreement: c.Agreement, Items: items, Signed: dars.Declaration{Post: "SIRO", Date: h.today, Destroyed: true}}
	text, err := json.Marshal(returnedForm{f, "Rita Recipient", performed})
	h.must(err)
	return paper("certificates", string(c.ID)+".yaml", string(text))
}

// shredded is a file's end at RA1.
func shredded(f dars.FileID, on dars.Day) dars.Destruction {
	return dars.Destruction{File: f, Holder: "RA1", Medium: "HDD", Method: "SHRED", DestroyedOn: on}
}

func TestACertificateIsQueriedWithExactlyWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, del := t.Context(), office.Deletion{Office: h.first()}
		r, c := h.ended()
		one, two := r.Files[0].ID, r.Files[1].ID
		if len(c.Files) != 2 || c.Files[0].Made != h.today || c.Files[0].Sent[0].Org != "RA1" {
			t.Fatalf("the certificate is %+v", c)
		}
		degaussed, early := shredded(one, h.today), shredded(one, h.today.Add(-1))
		degaussed.Medium, degaussed.Method = "SSD", "DEGAUSS"
		good := []dars.Destruction{shredded(one, h.today), shredded(two, h.today)}
		for name, tt := range map[string]struct {
			in   office.Arrived
			want string
		}{
			"a degaussed solid-state drive":   {h.back(c, degaussed, shredded(two, h.today)), "items[0].method impossible-method"},
			"destroyed before it was sent":    {h.back(c, early, shredded(two, h.today)), "items[0].destroyed_on impossible-date"},
			"one file missing":                {h.back(c, shredded(one, h.today)), "items not-covered"},
			"the same person twice":           {h.backBy(c, "Ms R. RECIPIENT", good...), "signed.performed_by same-person"},
			"all of these but the last":       {h.back(c, degaussed), "items not-covered, items[0].method impossible-method"},
			"another's file beside all of it": {h.back(c, shredded(one, h.today), shredded(two, h.today), shredded("FILE0000099", h.today)), "items[2].file unknown-file"},
		} {
			v := office.Intake{Office: h.first()}.Take(ctx, h.by("rita"), tt.in)
			now := get[dars.Certificate](h, string(c.ID))
			var told []string
			for _, m := range now.Points {
				told = append(told, m.Field+" "+m.Rule)
			}
			slices.Sort(told)
			if now.State != dars.CertQueried || strings.Join(told, ", ") != tt.want || v.Code != "certificate-queried" || len(v.Mistakes) != len(told) {
				t.Errorf("%s: it is %s for %v, and the verdict %+v", name, now.State, told, v)
			}
			ruled(t, del.Accept(ctx, h.by("connie"), c.ID), "wrong-step")
		}
		h.must(h.first().Work(ctx, h.noon))
		letters := h.works.letters("certificate of destruction queried")
		if len(letters) != 6 || !slices.ContainsFunc(letters, func(m mail) bool { return strings.Contains(m.body, "DEGAUSS does not destroy data on SSD") }) {
			t.Errorf("the letters are %+v", letters)
		}
		if papers := all[dars.Paper](h, dars.By("about", c.ID), dars.By("kind", "certificate-query")); len(papers) != 1 || papers[0].For != "RA1" {
			t.Errorf("the papers are %+v", papers)
		}

		// Mended, it is received, and a queried one that is late is overdue.
		late := c.Due.Add(1)
		if !get[dars.Certificate](h, string(c.ID)).Overdue(late) {
			t.Error("queried, it is not overdue")
		}
		if v := (office.Intake{Office: h.first()}).Take(ctx, h.by("rita"), h.back(c, good...)); v.Verdict != dars.VerdictWaiting || v.Code != "" {
			t.Fatalf("mended: %+v", v)
		}
		now := get[dars.Certificate](h, string(c.ID))
		if now.State != dars.CertReceived || len(now.Points) != 0 || now.Overdue(late) {
			t.Errorf("mended, it is %+v", now)
		}
		h.sound()
	})
}

// Ten accept, one is heard, and the case is closed once.
func TestACertificateIsAcceptedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r, c := h.ended()
		v := office.Intake{Office: h.first()}.Take(t.Context(), h.by("rita"), h.back(c, shredded(r.Files[0].ID, h.today), shredded(r.Files[1].ID, h.today)))
		if v.Verdict != dars.VerdictWaiting {
			t.Fatalf("%+v", v)
		}
		for i := range 10 {
			h.add(fmt.Sprint("compliance", i), dars.TheOffice, dars.Compliance)
		}
		done := h.race(10, "wrong-step", func(i int, o *office.Office) error {
			return office.Deletion{Office: o}.Accept(t.Context(), h.by(fmt.Sprint("compliance", i)), c.ID)
		})
		h.must(h.first().Work(t.Context(), h.noon))
		g := get[dars.Agreement](h, string(c.Agreement))
		if letters := h.works.letters("certificate of destruction accepted"); done != 1 || g.State != dars.Closed || len(letters) != 1 {
			t.Errorf("%d accepted, the agreement is %s, letters %v", done, g.State, letters)
		}
		h.sound()
	})
}

// A release is withdrawn and its certificate is open when the agreement ends: the
// files stand on that one alone, and the case waits for both.
func TestEachFileStandsOnOneCertificate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := ready(t, h)
		h.some("rita", r)
		h.newList(6)
		h.must(office.Releases{Office: h.first()}.Withdraw(ctx, h.by("carol"), r.ID))
		asked := get[dars.Release](h, string(r.ID)).Late.Certificate
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), r.Agreement))
		g := get[dars.Agreement](h, string(r.Agreement))
		if n := len(all[dars.Certificate](h)); n != 1 || g.State != dars.DeletionDue || g.Certificate != asked {
			t.Fatalf("%d certificates, and the agreement is %s for %s", n, g.State, g.Certificate)
		}
		if v := (office.Intake{Office: h.first()}).Take(ctx, h.by("rita"), h.filled(asked, "2026-03-31")); v.Code != "" {
			t.Fatalf("%+v", v)
		}
		h.must(office.Deletion{Office: h.first()}.Accept(ctx, h.by("connie"), asked))
		if g := get[dars.Agreement](h, string(r.Agreement)); g.State != dars.DeletionDue {
			t.Errorf("while a backup lives the agreement is %s", g.State)
		}
		h.today = "2026-04-01"
		h.lives(office.Clock{Office: h.first()}, h.today)
		if g := get[dars.Agreement](h, string(r.Agreement)); g.State != dars.Closed {
			t.Errorf("accepted, the agreement is %s", g.State)
		}
		h.sound()
	})
}

// After a gap a later version covers one of the files: it may be kept under that, and
// stands on the certificate at the end of that one.
func TestAFileIsKeptUnderALaterVersion(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, del, intake := t.Context(), office.Deletion{Office: h.first()}, office.Intake{Office: h.first()}
		r, c := h.ended()
		kept, gone := r.Files[0], r.Files[1]
		keep := func(under string, f dars.FileID) dars.Destruction {
			return dars.Destruction{File: f, Holder: "RA1", HeldUnder: under}
		}
		before := h.today
		h.today = "2026-03-10"
		h.list(h.today, 6)
		f := h.renewal(stemOf(c.Agreement), h.today, h.today.AddMonths(12))
		f.Datasets[0].Periods = []string{kept.Period}
		second := h.agreed(f)
		if g := get[dars.Agreement](h, string(second)); g.State != dars.InForce {
			t.Fatalf("the later version is %s", g.State)
		}
		for name, items := range map[string][]dars.Destruction{
			"one that it does not cover":   {keep(string(second), kept.ID), keep(string(second), gone.ID)},
			"under the one that has ended": {keep(string(c.Agreement), kept.ID), shredded(gone.ID, before)},
		} {
			v := intake.Take(ctx, h.by("rita"), h.back(c, items...))
			if len(v.Mistakes) != 1 || v.Mistakes[0].Rule != "not-held" {
				t.Errorf("%s: %+v", name, v)
			}
		}
		if v := intake.Take(ctx, h.by("rita"), h.back(c, keep(string(second), kept.ID), shredded(gone.ID, before))); v.Code != "" {
			t.Fatalf("%+v", v)
		}
		h.must(del.Accept(ctx, h.by("connie"), c.ID))
		if g := get[dars.Agreement](h, string(c.Agreement)); g.State != dars.Closed {
			t.Errorf("the first version is %s", g.State)
		}
		h.byMatrix()
		third := h.agreed(h.nameless())
		beside := func(period string, want int) {
			found, err := office.Guard{Office: h.first()}.Check(ctx, h.by("carol"), third, "HES_APC", []string{period})
			if err != nil || len(found) != want {
				t.Errorf("the guard finds %+v: %v", found, err)
			}
		}
		beside(kept.Period, 1) // it is still held

		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), second))
		g := get[dars.Agreement](h, string(second))
		if g.State != dars.DeletionDue {
			t.Fatalf("the second version is %s", g.State)
		}
		last := get[dars.Certificate](h, string(g.Certificate))
		if len(last.Files) != 1 || last.Files[0].File != kept.ID {
			t.Fatalf("at its end it asks for %+v", last.Files)
		}
		if v := intake.Take(ctx, h.by("rita"), h.filled(last.ID, "")); v.Code != "" {
			t.Fatalf("%+v", v)
		}
		h.must(del.Accept(ctx, h.by("connie"), last.ID))
		if g := get[dars.Agreement](h, string(second)); g.State != dars.Closed {
			t.Errorf("the second version is %s", g.State)
		}
		beside(kept.Period, 0)
		h.sound()
	})
}

// Between receipt and acceptance the later version may end: then the file is kept
// under nothing.
func TestWhatIsKeptIsLookedAtAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r, c := h.ended()
		second := h.agreed(h.renewal(stemOf(c.Agreement), h.today, h.today.AddMonths(12)))
		var items []dars.Destruction
		for _, f := range r.Files {
			items = append(items, dars.Destruction{File: f.ID, Holder: "RA1", HeldUnder: string(second)})
		}
		if v := (office.Intake{Office: h.first()}).Take(ctx, h.by("rita"), h.back(c, items...)); v.Code != "" {
			t.Fatalf("%+v", v)
		}
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), second))
		before := h.head()
		ruled(t, office.Deletion{Office: h.first()}.Accept(ctx, h.by("connie"), c.ID), "not-held")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
	})
}

// One release was withdrawn and another was not: the case waits for both certificates,
// in whatever order they come.
func TestACaseWaitsForAllItsCertificates(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx, o, del := t.Context(), office.Releases{Office: h.first()}, office.Deletion{Office: h.first()}
		id := h.agreement()
		h.works.counted = falls
		release := func(period string) *dars.Release {
			rel, err := o.Plan(ctx, h.by("carol"), id, "HES_APC", []string{period})
			h.must(err)
			h.must(errors.Join(o.Produce(ctx, h.by("pat"), rel), o.Check(ctx, h.by("chris"), rel), o.SignOff(ctx, h.by("sam"), rel), o.Publish(ctx, h.by("pat"), rel)))
			return get[dars.Release](h, string(rel))
		}
		frozen := release("200199")
		h.some("rita", frozen)
		h.newList(6)
		h.must(o.Withdraw(ctx, h.by("carol"), frozen.ID))
		other := release("200299")
		h.collect("rita", other.Files[0])
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), id))
		certificates := all[dars.Certificate](h)
		if len(certificates) != 2 || len(certificates[1].Files) != 1 || !certificates[0].Lists(frozen.Files[0].ID) || !certificates[1].Lists(other.Files[0].ID) {
			t.Fatalf("the certificates are %+v", certificates)
		}
		for i, c := range []*dars.Certificate{certificates[1], certificates[0]} {
			if v := (office.Intake{Office: h.first()}).Take(ctx, h.by("rita"), h.filled(c.ID, "")); v.Code != "" {
				t.Fatalf("%+v", v)
			}
			h.must(del.Accept(ctx, h.by("connie"), c.ID))
			want := []dars.AgreementState{dars.DeletionDue, dars.Closed}[i]
			if g := get[dars.Agreement](h, string(id)); g.State != want {
				t.Errorf("after %s the agreement is %s, want %s", c.ID, g.State, want)
			}
		}
		h.sound()
	})
}
