package office_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
)

// From an application to a certified deletion, and what is owed on the way.
func TestTheWholePath(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.Start, f.End = "2026-04-01", "2027-03-31"
		id := h.agreed(f)
		clock := office.Clock{Office: h.first()}
		if g := get[dars.Agreement](h, string(id)); g.State != dars.CounterSigned {
			t.Fatalf("before its start the agreement is %s", g.State)
		}
		h.today = "2026-04-01"
		h.lives(clock, h.today)
		h.list(h.today, 6)
		r := h.published(id)
		if r.WindowEnds != "2026-04-14" || len(r.Files) != 2 || r.Files[0].Path != "data/FILE0000001_NIC000001_HES_APC_200199.csv" {
			t.Errorf("the release is %+v", r)
		}
		h.collect("rita", r.Files[0])
		if get[dars.Release](h, string(r.ID)).State != dars.Published {
			t.Error("it is collected after one of two files")
		}
		h.collect("ron", r.Files[1])
		if get[dars.Release](h, string(r.ID)).State != dars.Published {
			t.Error("it is collected though nobody has both files")
		}
		h.collect("rita", r.Files[1])
		if get[dars.Release](h, string(r.ID)).State != dars.Collected {
			t.Error("it is not collected though one person has both files")
		}
		h.today = "2027-04-01"
		h.lives(clock, h.today)
		g := get[dars.Agreement](h, string(id))
		if g.State != dars.DeletionDue || g.Ended != "2027-03-31" || g.Certificate == "" {
			t.Fatalf("the day after its end the agreement is %+v", g)
		}
		c := get[dars.Certificate](h, string(g.Certificate))
		if c.Due != "2027-04-14" || len(c.Files) != 2 || len(c.Files[1].Sent) != 2 {
			t.Errorf("the certificate is %+v", c)
		}
		if v := (office.Intake{Office: h.first()}).Take(ctx, office.At(h.people["rita"], h.noon()), h.filled(c.ID, "")); v.Verdict != dars.VerdictWaiting {
			t.Fatalf("the certificate came back: %+v", v)
		}
		h.must(office.Deletion{Office: h.first()}.Accept(ctx, h.by("connie"), c.ID))
		if g := get[dars.Agreement](h, string(id)); g.State != dars.Closed {
			t.Errorf("in the end the agreement is %s", g.State)
		}
		h.must(h.first().Work(ctx, h.noon))
		if work := h.owed(); len(work) != 0 {
			t.Errorf("owed are %+v", work)
		}
		for _, want := range []string{"contract ", "letter ", "agreement ", "certificate ", "form "} {
			if n := strings.Count("\n"+strings.Join(h.works.drawn, "\n"), "\n"+want); n != 1 {
				t.Errorf("%d papers are drawn that begin with %q", n, want)
			}
		}
		if len(h.works.purged) != 1 || h.works.purged[0] != r.ID {
			t.Errorf("purged were %v", h.works.purged)
		}
		for about, people := range map[string]int{"application received": 1, "is ready to collect until 14 April 2026": 2, "agreement ended; certificate": 1, "certificate of destruction accepted": 1} {
			if n := len(h.works.letters(about)); n != people {
				t.Errorf("%d letters say %q", n, about)
			}
		}
		h.must(office.Objections{Office: h.first()}.VerifyLists(ctx))
		h.sound()
	})
}

// lives lets the clock do what is due on a day.
func (h *house) lives(o office.Clock, on dars.Day) (done []office.Done) {
	h.t.Helper()
	at := o.Calendar.Start(on).Add(6 * time.Hour)
	h.must(job(o, func(d office.Done) { done = append(done, d) })(h.t.Context(), at))
	return done
}

func TestWhatNothingWasSentOfIsClosedAtItsEnd(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		id := h.agreement()
		r := h.published(id)
		h.today = "2027-03-03"
		h.lives(office.Clock{Office: h.first()}, h.today)
		g := get[dars.Agreement](h, string(id))
		if g.State != dars.Closed || g.Certificate != "" || len(all[dars.Certificate](h)) != 0 {
			t.Errorf("it is %+v", g)
		}
		if r := get[dars.Release](h, string(r.ID)); r.State != dars.Purged {
			t.Errorf("the release is %s", r.State)
		}
		h.sound()
	})
}

// Who asks for the data, and may collect them, destroys them too, even where
// others decide what is done with them.
func TestACertificateAsksEveryoneToWhomAByteWent(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA2", "2028-03-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.Controllers = []dars.OrgCode{"RA2"}
		id := h.agreed(f)
		h.collect("rita", h.published(id).Files[0])
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), id))
		c := get[dars.Certificate](h, string(get[dars.Agreement](h, string(id)).Certificate))
		if fmt.Sprint(c.Holders) != "[RA2 RA1]" {
			t.Errorf("the holders are %v", c.Holders)
		}
	})
}

func TestAnInterimCertificateIsFinalOnItsDay(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		id := h.agreement()
		h.collect("rita", h.published(id).Files[0])
		o, clock := office.Deletion{Office: h.first()}, office.Clock{Office: h.first()}
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), id))
		c := get[dars.Agreement](h, string(id)).Certificate
		v := office.Intake{Office: h.first()}.Take(t.Context(), office.At(h.people["rita"], h.noon()), h.filled(c, "2026-06-30"))
		if v.Verdict != dars.VerdictWaiting {
			t.Fatalf("%+v", v)
		}
		h.must(o.Accept(t.Context(), h.by("connie"), c))
		before := h.head()
		ruled(t, o.Accept(t.Context(), h.by("connie"), c), "wrong-step")
		if g := get[dars.Agreement](h, string(id)); g.State != dars.DeletionDue || h.head() != before {
			t.Errorf("while a backup lives the agreement is %s", g.State)
		}
		h.today = "2026-06-30"
		if done := h.lives(clock, h.today); len(done) != 1 || done[0].Step != "backup-reminder-14" || done[0].To != string(dars.CertInterim) {
			t.Errorf("on the backup's last day: %+v", done)
		}
		h.today = "2026-07-01"
		h.lives(clock, h.today)
		if g := get[dars.Agreement](h, string(id)); g.State != dars.Closed {
			t.Errorf("the day after, the agreement is %s", g.State)
		}
	})
}

func TestAnOverdueCertificateStopsNewReleases(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Releases{Office: h.first()}
		old, current := h.agreement(), h.agreed(h.form())
		h.collect("rita", h.published(old).Files[0])
		waiting := h.signedOff(current)
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), old))
		h.today = "2026-03-16" // due on this day
		_, err := o.Plan(ctx, h.by("carol"), current, "HES_APC", nil)
		ruled(t, err, "")
		h.today = "2026-03-17"
		before := h.head()
		_, err = o.Plan(ctx, h.by("carol"), current, "HES_APC", nil)
		ruled(t, err, "certificate-overdue")
		ruled(t, o.Publish(ctx, h.by("pat"), waiting), "certificate-overdue")
		ruled(t, o.Produce(ctx, h.by("pat"), "REL-000003"), "certificate-overdue")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
	})
}

func TestALateObjectionStopsPublication(t *testing.T) {
	tests := map[string]struct {
		on   dars.Day // of publication; the list of the package is of 1 March
		list dars.Day // of a newer one, loaded before
		rule string
	}{
		"the list is fit":               {"2026-03-22", "", ""},
		"the list is a day too old":     {"2026-03-23", "", "list-stale"},
		"a newer list came":             {"2026-03-22", "2026-03-20", "list-changed"},
		"another of the same day came":  {"2026-03-22", "2026-03-01", "list-changed"},
		"a newer list came, in between": {"2026-03-25", "2026-03-24", "list-changed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			agreed.each(t, func(t *testing.T, h *house) {
				id := h.signedOff(h.agreement())
				h.today = tt.on
				if tt.list != "" {
					h.list(tt.list, 6)
				}
				before := h.head()
				ruled(t, office.Releases{Office: h.first()}.Publish(t.Context(), h.by("pat"), id), tt.rule)
				if r := get[dars.Release](h, string(id)); tt.rule != "" && (r.State != dars.SignedOff || r.Published != "" || h.head() != before) {
					t.Errorf("a refusal left a trace: %+v", r)
				}
			})
		})
	}
}

func TestListsAreTakenInInOrder(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		tests := []struct {
			name    string
			asAt    dars.Day
			numbers int
			rule    string
		}{
			{"the first", "2026-02-20", 5, ""},
			{"an older one", "2026-02-19", 6, "list-older"},
			{"one of tomorrow", "2026-03-03", 6, "list-in-future"},
			{"an empty one", "2026-03-01", 0, "list-empty"},
			{"a newer one", "2026-03-01", 4, ""},
		}
		version := 0
		for _, tt := range tests {
			files := len(h.works.vault)
			l, err := h.load("pat", tt.asAt, tt.numbers)
			ruled(t, err, tt.rule)
			if err == nil {
				if version++; l.Version != version || l.ID != dars.ListName(version) {
					t.Errorf("%s is %+v", tt.name, l)
				}
			} else if l != nil || len(h.works.vault) != files {
				t.Errorf("%s was refused and left a trace", tt.name)
			}
		}
		_, err := h.load("carol", "2026-03-02", 6)
		ruled(t, err, "no-power")
	})
}

// The papers that say who may act on what: a reason where a local shell acts, and
// word of it to compliance.
func TestAnEmergencyIsNotedAndTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		a := h.by("connie")
		a.Via, a.Why = dars.BreakGlass, ""
		before := h.head()
		ruled(t, o.Hold(ctx, a, "RA1"), "no-reason")
		a.Why = "the network is down"
		ruled(t, o.Hold(ctx, a, "RA9"), "not-found")
		if h.head() != before || len(all[dars.GlassBroken](h)) != 0 {
			t.Error("a refusal left a trace")
		}
		h.must(o.Hold(ctx, a, "RA1"))
		noted := all[dars.GlassBroken](h)
		if len(noted) != 1 || noted[0].Act != "org hold" || noted[0].Reason != a.Why || noted[0].Person != h.people["connie"] {
			t.Errorf("noted are %+v", noted)
		}
		h.must(h.first().Work(ctx, h.noon))
		if told := h.works.letters("from a local shell"); len(told) != 1 || told[0].to != "connie@example.org" {
			t.Errorf("told were %+v", told)
		}
		h.sound()
	})
}

// A hold stops everything that is under way, and its end lets it go on.
func TestAHoldStopsEverything(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx, o, l := t.Context(), office.Releases{Office: h.first()}, office.Ledger{Office: h.first()}
		id := h.agreement()
		open, waiting := h.published(id), h.signedOff(id)
		d := h.download("rita", open.Files[0].ID, "h")
		h.must(l.Reserve(ctx, d, dars.Range{From: 0, To: 10}, h.noon()))
		h.must(office.Parties{Office: h.first()}.Hold(ctx, h.by("connie"), "RA1"))
		before := h.head()
		ruled(t, l.Reserve(ctx, d, dars.Range{From: 10, To: 20}, h.noon()), "on-hold")
		ruled(t, l.May(ctx, h.people["rita"], dars.Visitor{Login: "rita", Key: "SHA256:rita"}, open.ID, h.noon()), "on-hold")
		ruled(t, o.Publish(ctx, h.by("pat"), waiting), "on-hold")
		_, err := o.Plan(ctx, h.by("carol"), id, "HES_APC", nil)
		ruled(t, err, "on-hold")
		shelf, err := office.Desk{Office: h.first()}.Shelf(ctx, h.people["rita"], h.noon())
		if err != nil || len(shelf.Open) != 0 {
			t.Errorf("open are %v, %v", shelf.Open, err)
		}
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		h.must(office.Parties{Office: h.first()}.ReleaseHold(ctx, h.by("connie"), "RA1"))
		h.must(l.Reserve(ctx, d, dars.Range{From: 10, To: 20}, h.noon()))
		h.must(o.Publish(ctx, h.by("pat"), waiting))
	})
}

// The fields that no data are in leave nothing to send: an empty file does not
// keep a release from being collected.
func TestAnEmptyFileIsCollectedWithTheOthers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		h.works.empty = "FILE0000002"
		r := h.published(h.agreed(h.form()))
		if r.Files[1].Bytes != 0 {
			t.Fatalf("the files are %+v", r.Files)
		}
		h.collect("rita", r.Files[0])
		if r := get[dars.Release](h, string(r.ID)); r.State != dars.Collected {
			t.Errorf("it is %s", r.State)
		}
	})
}

// Dates are inclusive: a term of one day is a term.
func TestATermOfOneDay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", h.today)
		f := h.form()
		f.End = f.Start
		if g := get[dars.Agreement](h, string(h.agreed(f))); g.State != dars.InForce {
			t.Errorf("it is %s", g.State)
		}
		_, err := office.Parties{Office: h.first()}.IssueContract(t.Context(), h.by("carol"), "RA1", h.today, h.today.Add(-1))
		ruled(t, err, "bad-term")
		_, err = office.Agreements{Office: h.first()}.Issue(t.Context(), h.by("carol"), h.approved(h.form()), h.today, h.today.Add(-1))
		ruled(t, err, "bad-term")
	})
}

func TestReferencesOfAgreements(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		id := h.agreed(h.form())
		stem, _, _, err := dars.ParseCase(string(id))
		h.must(err)
		tests := map[string]struct {
			want dars.AgreementID
			rule string
		}{
			stem:                              {id, ""},
			strings.TrimPrefix(stem, "DARS-"): {id, ""},
			stem + "-v1":                      {id, ""},
			stem + "-v1.0":                    {id, ""},
			stem + "-v2":                      {"", "not-found"},
			"DARS-NIC-000009-B1C2D":           {"", "not-found"},
			"REL-000001":                      {"", "no-reference"},
		}
		for ref, tt := range tests {
			got, err := office.Desk{Office: h.first()}.Agreement(t.Context(), h.people["carol"], ref)
			ruled(t, err, tt.rule)
			if got != tt.want {
				t.Errorf("%s is %s, want %s", ref, got, tt.want)
			}
		}
	})
}

// Who missed a release gets a new one, which takes the old one's place.
func TestReissue(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Releases{Office: h.first()}
		g := h.agreement()
		waiting := h.signedOff(g)
		_, err := o.Reissue(ctx, h.by("carol"), waiting)
		ruled(t, err, "not-published")
		h.must(o.Publish(ctx, h.by("pat"), waiting))
		missed := get[dars.Release](h, string(waiting))
		_, err = o.Reissue(ctx, h.by("carol"), missed.ID)
		ruled(t, err, "still-open")
		h.lives(office.Clock{Office: h.first()}, missed.WindowEnds.Add(1))
		if r := get[dars.Release](h, string(missed.ID)); r.State != dars.Purged {
			t.Fatalf("nobody came, and the release is %s", r.State)
		}
		h.today = missed.WindowEnds.Add(1)
		_, err = o.Reissue(ctx, h.by("rita"), missed.ID)
		ruled(t, err, "no-power")
		id, err := o.Reissue(ctx, h.by("carol"), missed.ID)
		h.must(err)
		h.list("2026-03-15", 5)
		h.must(errors.Join(o.Produce(ctx, h.by("pat"), id), o.Check(ctx, h.by("chris"), id), o.SignOff(ctx, h.by("sam"), id), o.Publish(ctx, h.by("pat"), id)))
		again := get[dars.Release](h, string(id))
		if again.Reissues != missed.ID || !slices.Contains(again.Replaces, missed.ID) || again.Files[0].ID == missed.Files[0].ID {
			t.Errorf("the new one is %+v", again)
		}
		_, err = o.Reissue(ctx, h.by("carol"), missed.ID)
		ruled(t, err, "replaced")
		h.must(h.first().Work(ctx, h.noon))
		if told := h.works.letters(string(id) + " is ready"); len(told) == 0 || !strings.Contains(told[0].body, string(missed.ID)+" issued again") {
			t.Errorf("told were %+v", told)
		}
		h.sound()
	})
}

// Should the program die in the middle of a download, what was confirmed until
// then is known, and there is a receipt for it.
func TestWhatWasConfirmedOutlivesTheProgram(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx, l := t.Context(), office.Ledger{Office: h.first()}
		r := h.published(h.agreement())
		d := h.download("rita", r.Files[0].ID, "h")
		h.must(l.Reserve(ctx, d, dars.Range{From: 0, To: 10}, h.noon()))
		d.Confirmed = dars.Ranges{{From: 0, To: 8}, {From: 90, To: 99}} // the second was never reserved
		h.must(l.Reserve(ctx, d, dars.Range{From: 10, To: 20}, h.noon()))
		page := all[dars.Collection](h)[0]
		if page.Answered.Bytes() != 8 || page.Sent().Bytes() != 20 || page.Receipt == "" {
			t.Errorf("the ledger's page is %+v", page)
		}
		if rcp := get[dars.Receipt](h, string(page.Receipt)); rcp.Confirmed != 8 || rcp.Word != dars.Partial {
			t.Errorf("the receipt is %+v", rcp)
		}
		h.sound()
	})
}

// A line that broke leaves bytes of which nobody knows whether they arrived but
// the person who has them.
func TestAPersonsWordOnAFile(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx, l := t.Context(), office.Ledger{Office: h.first()}
		r := h.published(h.agreement())
		for _, f := range r.Files[1:] {
			h.collect("rita", f)
		}
		f := r.Files[0]
		_, err := l.Attest(ctx, h.by("rita"), f.ID, f.SHA512)
		ruled(t, err, "not-found")
		d, whole := h.download("rita", f.ID, "h"), dars.Range{From: 0, To: f.Bytes}
		h.must(l.Reserve(ctx, d, whole, h.noon()))
		h.must(l.Settle(ctx, d, dars.Ranges{{From: 0, To: f.Bytes - 1}}, nil, h.noon()))
		_, err = l.Attest(ctx, h.by("rita"), f.ID, f.SHA512)
		ruled(t, err, "not-sent")
		h.must(l.Reserve(ctx, d, whole, h.noon()))
		h.must(l.Settle(ctx, d, dars.Ranges{whole}, dars.Ranges{{From: 0, To: 1}}, h.noon()))
		asked, err := office.Desk{Office: h.first()}.Todo(ctx, h.people["rita"], h.noon())
		if err != nil || !slices.ContainsFunc(asked, func(t office.Todo) bool { return strings.Contains(t.Act, "receipt confirm "+string(f.ID)) }) {
			t.Errorf("asked of rita is %+v, %v", asked, err)
		}
		before := h.head()
		_, err = l.Attest(ctx, h.by("rita"), f.ID, "00")
		ruled(t, err, "wrong-sum")
		_, err = l.Attest(ctx, h.by("ron"), f.ID, f.SHA512)
		ruled(t, err, "not-found")
		_, err = l.Attest(ctx, h.by("carol"), f.ID, f.SHA512)
		ruled(t, err, "no-power")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		done := h.race(8, "complete", func(int, *office.Office) error {
			_, err := l.Attest(ctx, h.by("rita"), f.ID, strings.ToUpper(f.SHA512))
			return err
		})
		rcp := all[dars.Receipt](h, dars.By("file", f.ID))[0]
		if done != 1 || rcp.Word != dars.SentInFull || rcp.Attested.IsZero() {
			t.Errorf("%d times; the receipt is %+v", done, rcp)
		}
		if r := get[dars.Release](h, string(r.ID)); r.State != dars.Collected {
			t.Errorf("the release is %s", r.State)
		}
		h.sound()
	})
}
