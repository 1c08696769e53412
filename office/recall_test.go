package office_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// unapplied is an incident of objections that were not applied between two days.
func (h *house) unapplied(from, until dars.Day) dars.IncidentID {
	h.t.Helper()
	return h.incident(dars.Incident{Kind: "objections-not-applied", Scope: dars.Scope{From: from, Until: until}, Says: "Objections were recorded and not applied."})
}

func (h *house) incident(i dars.Incident) dars.IncidentID {
	h.t.Helper()
	id, err := office.Incidents{Office: h.first()}.Add(h.t.Context(), h.by("connie"), i)
	h.must(err)
	return id
}

func (h *house) plan(id dars.IncidentID) dars.RecallPlan {
	h.t.Helper()
	p, err := office.Incidents{Office: h.first()}.RecallPlan(h.t.Context(), h.by("connie"), id)
	h.must(err)
	return p
}

// started is a recall of what an incident affects, of which everybody was told.
func (h *house) started(id dars.IncidentID) *dars.Recall {
	h.t.Helper()
	r, _, err := office.Incidents{Office: h.first()}.Start(h.t.Context(), h.by("connie"), id)
	h.must(err)
	h.must(h.first().Work(h.t.Context(), h.noon))
	return r
}

// joint is a release that RA1 collects a file of, with RA2 as processor and the right to
// pass data on.
func (h *house) joint() *dars.Release {
	h.t.Helper()
	h.contract("RA1", "2028-03-31")
	h.list("2026-03-01", 5)
	f := h.form()
	f.Processors, f.Sublicensing = []dars.OrgCode{"RA2"}, "To local authorities, for planning."
	r := h.published(h.agreed(f))
	h.some("rita", r)
	return r
}

// A recall finds who has what: the file that was begun to be sent, at every party, and
// not the one that nobody fetched. Who may hold something is told, and nobody collects
// any more of it.
func TestARecallFindsWhoHasWhat(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Incidents{Office: h.first()}
		r := h.joint()
		if before := h.head(); len(h.plan(h.unapplied("2026-01-01", "2026-02-28")).Releases) != 0 || h.head() != before+1 {
			t.Error("a release of March is affected by what ended in February, or looking has left a trace")
		}
		id := h.unapplied("2026-01-01", "2026-03-31")
		p := h.plan(id)
		if len(p.Releases) != 1 || p.Releases[0].ID != string(r.ID) || !p.Releases[0].Sure || len(p.Files) != 2 || len(p.People) != 1 || p.People[0].Person != h.people["rita"] ||
			len(p.Organisations) != 2 || len(p.Processors) != 1 || p.Processors[0] != "RA2" || len(p.Sublicences) != 1 || p.Sublicences[0].Says == "" {
			t.Fatalf("the plan is %+v", p)
		}
		if p.Progress["open"] != 1 || p.Progress[dars.NeverCollected] != 1 || p.Files[0].Sent[0].Bytes != 7 {
			t.Errorf("the files are %+v", p.Files)
		}
		h.must(h.may("rita", r.ID))

		c := h.started(id)
		ruled(t, h.may("rita", r.ID), "recalled")
		ruled(t, office.Ledger{Office: h.first()}.Reserve(ctx, h.download("ron", r.Files[1].ID, "late"), dars.Range{From: 0, To: 1}, h.noon()), "recalled")
		shelf, err := office.Desk{Office: h.first()}.Shelf(ctx, h.people["ron"], h.noon())
		h.must(err)
		if len(shelf.Open) != 0 || len(shelf.Closed) != 1 || !strings.Contains(shelf.Closed[0], string(c.ID)) {
			t.Errorf("the recipient reads %v and may collect %v", shelf.Closed, shelf.Open)
		}
		m := h.works.letters("recall " + string(c.ID))
		if len(m) != 1 || !strings.Contains(m[0].to, "rita@") || !strings.Contains(m[0].to, "ron@") || !strings.Contains(m[0].to, "ravi@") || !strings.Contains(m[0].body, string(r.Files[1].ID)+" "+r.Files[1].Path+": needs no answer") {
			t.Errorf("the holders are told %v", m)
		}
		if m := h.works.letters(string(c.ID) + ": recall of 2 files"); len(m) != 1 || !strings.Contains(m[0].to, "connie@") {
			t.Errorf("compliance is told %v", m)
		}
		if papers := all[dars.Paper](h, dars.By("kind", "recall-notice")); len(papers) != 2 || papers[0].For == papers[1].For {
			t.Errorf("the notices are %+v", papers)
		}
		if !h.waits("ravi", string(c.ID), "answer for 1 files") || !h.waits("connie", string(c.ID), "recall show") {
			t.Error("nobody is told to answer")
		}

		// Nothing takes its place until both have answered.
		_, err = office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), r.Agreement, "HES_APC", nil)
		ruled(t, err, "recalled")
		answer := func(login string, file dars.FileID, holder, says string) error {
			_, err := o.Answer(ctx, h.by(login), c.ID, string(file), holder, says)
			return err
		}
		ruled(t, answer("rita", r.Files[1].ID, "", dars.Destroyed), "needs-none")
		ruled(t, answer("carol", r.Files[0].ID, "", dars.Destroyed), "no-power")
		ruled(t, o.CloseRecall(ctx, h.by("connie"), c.ID, false), "unanswered")
		h.must(answer("rita", r.Files[0].ID, "RA2", dars.Destroyed)) // whatever they say, it is for their own
		theirs, err := o.Recall(ctx, h.by("ravi"), c.ID)
		h.must(err)
		if len(theirs.Organisations) != 1 || len(theirs.People) != 0 || theirs.Progress["open"] != 1 || len(theirs.Files[0].Answers) != 0 {
			t.Errorf("RA2 reads of others: %+v", theirs)
		}
		h.must(answer("connie", r.Files[0].ID, "RA2", dars.ProcessedInto))
		_, err = office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), r.Agreement, "HES_APC", nil)
		var no *dars.Refusal
		if errors.As(err, &no) && no.Rule == "recalled" {
			t.Errorf("all have answered, and still: %v", err)
		}
		h.must(o.CloseRecall(ctx, h.by("connie"), c.ID, false))
		ruled(t, answer("connie", r.Files[0].ID, "RA2", dars.Destroyed), "wrong-step")
		ruled(t, h.may("rita", r.ID), "recalled")
		public, err := office.Public{Office: h.first()}.Recalls(ctx, h.today)
		h.must(err)
		if len(public) != 1 || public[0].Files != 2 || public[0].Organisations != 2 || public[0].Answers[dars.ProcessedInto] != 1 || public[0].Answers[dars.NeverCollected] != 1 || public[0].Outcome == "" {
			t.Errorf("the public reads %+v", public)
		}
		h.sound()
	})
}

// What is published between the plan and the start is found at the start; what waits to
// be published is not published any more; and a certificate that was accepted is the
// answer.
func TestARecallFindsWhatCameSince(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		first := h.joint()
		id := h.unapplied("2026-01-01", "2026-03-31")
		before := h.plan(id)
		f := h.form()
		f.Datasets[0].Periods = []string{"200399"}
		g := h.agreed(f)
		second := h.published(g)
		h.collect("rita", second.Files[0])
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), g))
		asked := get[dars.Agreement](h, string(g)).Certificate
		if v := (office.Intake{Office: h.first()}).Take(ctx, office.At(h.people["rita"], h.noon()), h.filled(asked, "")); v.Verdict == dars.VerdictRejected {
			t.Fatal(v)
		}
		h.must(office.Deletion{Office: h.first()}.Accept(ctx, h.by("connie"), asked))
		f = h.form()
		f.Datasets[0].Periods = []string{"200399"}
		third := h.signedOff(h.agreed(f))

		c := h.started(id)
		p, err := office.Incidents{Office: h.first()}.Recall(ctx, h.by("connie"), c.ID)
		h.must(err)
		if len(before.Releases) != 1 || len(p.Releases) != 3 || len(p.Files) != 3 || p.Progress[dars.Certified] != 1 || p.Progress["open"] != 1 {
			t.Fatalf("the plan had %d releases, and the recall has %+v", len(before.Releases), p)
		}
		ruled(t, h.may("rita", first.ID), "recalled")
		ruled(t, office.Releases{Office: h.first()}.Publish(ctx, h.by("pat"), third), "recalled")
		h.sound()
	})
}

// A recall is started once, however many start it, and not a byte is reserved after it.
func TestARecallIsStartedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.joint()
		id := h.unapplied("2026-01-01", "2026-03-31")
		started := make([]bool, 20)
		h.race(20, "wrong-step recalled", func(i int, o *office.Office) error {
			if i%4 == 3 {
				return office.Ledger{Office: o}.Reserve(ctx, h.download("ron", r.Files[0].ID, fmt.Sprint("h", i)), dars.Range{From: int64(i), To: int64(i + 1)}, h.noon())
			}
			_, _, err := office.Incidents{Office: o}.Start(ctx, h.by("connie"), id)
			started[i] = err == nil
			return err
		})
		n := 0
		for _, one := range started {
			if one {
				n++
			}
		}
		if recalls := all[dars.Recall](h); n != 1 || len(recalls) != 1 || get[dars.Incident](h, string(id)).Recall != recalls[0].ID {
			t.Errorf("%d have started it: %+v", n, recalls)
		}
		// What ron's handles reserved before it is in the notice, and nothing after it.
		notice := all[dars.RecallNotice](h)[0]
		var told, ledger int64
		for _, s := range notice.Files[0].Sent {
			told += s.Bytes
		}
		for _, c := range all[dars.Collection](h) {
			ledger += c.Sent().Bytes()
		}
		if told != ledger || told < 7 {
			t.Errorf("the notice tells of %d bytes, the ledger of %d", told, ledger)
		}
		h.race(10, "answered", func(_ int, o *office.Office) error {
			_, err := office.Incidents{Office: o}.Answer(ctx, h.by("connie"), "RCL-000001", string(r.Files[0].ID), "", dars.Destroyed)
			return err
		})
		if done := h.race(10, "wrong-step", func(_ int, o *office.Office) error {
			return office.Incidents{Office: o}.CloseRecall(ctx, h.by("connie"), "RCL-000001", false)
		}); done != 1 {
			t.Errorf("it was closed %d times", done)
		}
		h.sound()
	})
}

// An incident that affects nothing calls nothing back, and is closed for a reason.
func TestAnIncidentThatAffectsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Incidents{Office: h.first()}
		h.joint()
		id := h.incident(dars.Incident{Kind: "lost-media", Scope: dars.Scope{Orgs: []string{"RA9"}}})
		before := h.head()
		_, _, err := o.Start(ctx, h.by("connie"), id)
		ruled(t, err, "nothing-affected")
		if h.head() != before || !h.waits("connie", string(id), "recall plan") {
			t.Error("it has left a trace, or nobody is told")
		}
		h.must(o.Close(ctx, h.by("connie"), id))
		if h.waits("connie", string(id), "") {
			t.Error("it is closed, and somebody is told")
		}
	})
}

// The real one: a supplier did not pass on the objections of 150,000 people between March
// 2015 and June 2018. What the published register of autumn 2017 says was affected is
// held against a count that reads its sheets and knows nothing of this program.
func TestTheRealRecall(t *testing.T) {
	dir := hasTheRegister(t)
	whole, phe := countSheets(t, dir, "", ""), countSheets(t, dir, "PUBLIC HEALTH ENGLAND (PHE)", "Hospital Episode Statistics Admitted Patient Care")
	if whole.rows < 600 || phe.rows < 1 || phe.rows >= whole.rows {
		t.Fatalf("the sheets were not understood: %+v, %+v", whole, phe)
	}
	registered.each(t, func(t *testing.T, h *house) {
		upheld := dars.Scope{From: "2015-03-31", Until: "2018-06-26"}
		narrow := upheld
		narrow.Orgs, narrow.Datasets = []string{"Public Health England (PHE)"}, []string{"hospital episode statistics admitted patient care"}
		for name, tt := range map[string]struct {
			scope dars.Scope
			want  counted
		}{"all": {upheld, whole}, "one organisation and dataset": {narrow, phe}} {
			p := h.plan(h.incident(dars.Incident{Kind: "objections-not-applied", Scope: tt.scope}))
			got := counted{rows: len(p.Files), agreements: map[string]bool{}, orgs: map[string]bool{}}
			for _, f := range p.Files {
				got.agreements[strings.ToUpper(f.Agreement)], got.orgs[f.Holders[0]] = true, true
			}
			if got.rows != tt.want.rows || len(got.agreements) != len(tt.want.agreements) || len(got.orgs) != len(tt.want.orgs) {
				t.Errorf("%s: %d rows under %d agreements at %d organisations, and the sheets have %d, %d and %d", name,
					got.rows, len(got.agreements), len(got.orgs), tt.want.rows, len(tt.want.agreements), len(tt.want.orgs))
			}
		}
		if p := h.plan(h.unapplied("2018-01-01", "2018-06-26")); len(p.Files) != 0 {
			t.Errorf("%d rows of 2017 are affected by what began in 2018", len(p.Files))
		}
		c := h.started("INC-000001")
		if m := h.works.letters(string(c.ID) + ": recall of"); len(m) != 1 || !strings.Contains(m[0].body, "write to their organisations yourselves") {
			t.Errorf("compliance is told %v", m)
		}
		h.sound()
	})
}

// counted is what a plain reading of the sheets finds.
type counted struct {
	rows             int
	agreements, orgs map[string]bool
}

// countSheets counts the rows with objections applied, of one organisation and dataset
// or of all.
func countSheets(t *testing.T, dir, org, dataset string) counted {
	t.Helper()
	n := counted{0, map[string]bool{}, map[string]bool{}}
	for sheet, at := range map[string]struct{ org, dataset, nic, answer int }{"DataReleases.csv": {1, 2, 8, 10}, "AmendmentsToPreviousRegisters.csv": {0, 1, 7, 9}} {
		file, err := os.Open(filepath.Join(dir, "register-2017", "sheets", sheet))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Fatal(sheet, err)
		}
		for _, row := range rows[1:] {
			if row[at.answer] == "Y" && (org == "" || row[at.org] == org) && (dataset == "" || row[at.dataset] == dataset) {
				n.rows++
				n.agreements[strings.ToUpper(strings.TrimSpace(row[at.nic]))], n.orgs[strings.TrimSpace(row[at.org])] = true, true
			}
		}
	}
	return n
}

// Nobody is told by when to collect what is called back, and calendars lose that day.
func TestWhatIsCalledBackIsNotOfferedAnyMore(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.joint()
		offered := func() int { return len(h.works.letters(string(r.ID) + " can be collected until")) }
		_, _, err := office.Incidents{Office: h.first()}.Start(t.Context(), h.by("connie"), h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}}}))
		h.must(err)
		if got := h.dated()["release-"+string(r.ID)+"-window"]; got != "gone" {
			t.Errorf("its last day is %q in calendars", got)
		}
		h.livedUntil(r.WindowEnds)
		h.must(h.first().Work(t.Context(), h.noon))
		if n := offered(); n != 0 {
			t.Errorf("they are told %d times by when to collect it", n)
		}
		h.sound()
	})
}
