package office_test

import (
	"fmt"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

func (h *house) figures(kind string, on dars.Day) dars.Figures {
	h.t.Helper()
	f, err := office.Desk{Office: h.first()}.Figures(h.t.Context(), h.by("connie"), kind, "", on)
	h.must(err)
	return f
}

// files are a report in all its formats.
func (h *house) files(f dars.Figures) (all string) {
	h.t.Helper()
	for _, format := range dars.ReportFormats {
		content, err := h.first().Written(f, format)
		h.must(err)
		all += string(content)
	}
	return all
}

// refuse is an act that a rule refuses, and that is counted.
func (h *house) refuse(login string, times int) {
	h.t.Helper()
	var r office.Refusals
	for range times {
		r.Count(h.by(login), "release check", dars.Refuse("same-person", "", "no"))
	}
	h.must(h.first().Keep(h.t.Context(), &r))
}

// A report for last March, made today, is the one that was made then: its figures, its
// files, and the log that it names, whatever has happened since.
func TestAReportOfAPastDay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.joint()
		h.refuse("pat", 3)
		h.must(office.Parties{Office: h.first()}.Hold(ctx, dars.Act{Who: h.people["connie"], At: h.noon(), Via: dars.BreakGlass, Why: "the line is down"}, "RA2"))
		then, rows := map[string]string{}, map[string]int{}
		for _, k := range dars.FigureKinds() {
			f := h.figures(k.Code, h.today)
			then[k.Code], rows[k.Code] = h.files(f), len(f.Tables[0].Rows)
		}
		day := h.today
		for kind, want := range map[string]int{"expiry": 1, "holdings": 1, "objections": 1, "console": 1, "refused": 1, "certificates": 0, "sanctions": 0, "recalls": 0, "audits": 0, "service-levels": len(dars.Classes)} {
			if rows[kind] != want {
				t.Errorf("%s has %d rows, want %d", kind, rows[kind], want)
			}
		}
		if f := h.figures("holdings", day); f.Tables[0].Rows[0][0] != string(r.Agreement) || f.Tables[0].Rows[0][5] != 1 || f.Tables[0].Rows[0][6] != 7 {
			t.Errorf("who holds what: %v", f.Tables)
		}
		tree, err := h.first().Store.Tree(ctx)
		h.must(err)
		if f := h.figures("expiry", day); f.Log.Events != tree.N || f.Log.Hash != tree.Hash.String() {
			t.Errorf("the log is %v, and the report says %v", tree, f.Log)
		}

		h.today = h.today.Add(40)
		h.must(office.Parties{Office: h.first()}.Hold(ctx, h.by("connie"), "RA1"))
		_, err = office.Audits{Office: h.first()}.Open(ctx, h.by("audrey"), "RA1", "", "ROUTINE")
		h.must(err)
		_, _, err = office.Audits{Office: h.first()}.Breach(ctx, h.by("audrey"), "RA1", "", "SHARED")
		h.must(err)
		h.started(h.unapplied("2026-01-01", "2026-03-31"))
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), r.Agreement))
		h.refuse("chris", 2)
		for _, k := range dars.FigureKinds() {
			if text := h.files(h.figures(k.Code, day)); text != then[k.Code] {
				t.Errorf("%s made later for that day:\n%s\n%s", k.Code, text, then[k.Code])
			}
		}
		for kind, want := range map[string]int{"expiry": 0, "holdings": 1, "certificates": 1, "sanctions": 1, "audits": 1, "recalls": 1, "refused": 2} {
			if f := h.figures(kind, h.today); len(f.Tables[0].Rows) < want || want == 0 && len(f.Tables[0].Rows) > 0 {
				t.Errorf("%s as things are now: %v", kind, f.Tables[0].Rows)
			}
		}
		if f := h.figures("expiry", "2025-01-01"); len(f.Tables[0].Rows) != 0 || f.Log.Events != 0 {
			t.Errorf("before the office there was %v", f)
		}
		before := h.head()
		_, err = office.Desk{Office: h.first()}.Figures(ctx, h.by("connie"), "expiry", "", h.today.Add(1))
		ruled(t, err, "in-future")
		_, err = office.Desk{Office: h.first()}.Figures(ctx, h.by("connie"), "weather", "", h.today)
		ruled(t, err, "no-report")
		_, err = office.Desk{Office: h.first()}.Figures(ctx, h.by("carol"), "expiry", "", h.today)
		ruled(t, err, "no-power")
		_, err = h.first().Written(dars.Figures{}, "docx")
		if ruled(t, err, "no-format"); h.head() != before {
			t.Error("looking has left a trace")
		}
	})
}

// The log's figures of today are those of the rows that are stored.
func TestFiguresAreThoseOfTheRows(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.joint()
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), r.Agreement))
		h.started(h.unapplied("2026-01-01", "2026-03-31"))
		h.must(h.first().Store.View(t.Context(), func(tx *store.Tx) error {
			certificates, err := store.Find[dars.Certificate](tx)
			if err != nil {
				return err
			}
			f := h.figures("certificates", h.today).Tables[0]
			if len(f.Rows) != len(certificates) || f.Rows[0][0] != string(certificates[0].ID) || f.Rows[0][4] != certificates[0].Due {
				t.Errorf("stored is %+v, and the report says %v", certificates[0], f.Rows)
			}
			notices, err := store.Find[dars.RecallNotice](tx, dars.By("state", "asked"))
			if late := h.figures("recalls", h.today).Tables[1]; len(late.Rows) != len(notices) || len(notices) == 0 {
				t.Errorf("%d notices are not answered, and the report says %v", len(notices), late.Rows)
			}
			return err
		}))
	})
}

// Whoever is refused ten thousand times in an hour is one row, and many who are refused
// by many names are not many rows. The log knows nothing of it.
func TestRefusalsAreCountedAndBounded(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		before := h.head()
		var r office.Refusals
		no := dars.Refuse("no-entry", "", "permission denied")
		stranger := dars.Act{At: h.noon(), Via: dars.SSH}
		h.race(100, "", func(i int, _ *office.Office) error {
			for range 100 {
				r.Count(stranger, dars.ActSignIn, no)
			}
			return nil
		})
		r.Count(stranger, dars.ActSignIn, nil)
		r.Count(stranger, dars.ActSignIn, fmt.Errorf("a fault"))
		h.race(20, "", func(_ int, o *office.Office) error { return o.Keep(t.Context(), &r) })
		f := h.figures("refused", h.today)
		if rows := f.Tables[0].Rows; len(rows) != 1 || rows[0][1] != "nobody" || rows[0][2] != "sign in" || rows[0][3] != "no-entry" || rows[0][5] != 10_000 {
			t.Errorf("of ten thousand there is %v", rows)
		}
		for i := range 5000 { // with names that nobody of ours has given
			r.Count(dars.Act{Who: dars.PersonID(fmt.Sprint("P-", i)), At: h.noon(), Via: dars.SSH}, "Gib mir <DATEN> 9434765919", no)
		}
		h.must(h.first().Keep(t.Context(), &r))
		var rows []dars.Refused
		h.must(h.first().Store.View(t.Context(), func(tx *store.Tx) (err error) {
			rows, err = tx.Refused(h.noon().Add(-time.Hour), h.noon().Add(time.Hour))
			return err
		}))
		times := 0
		for _, one := range rows {
			times += one.Times
			if one.Act != "sign in" && one.Act != "other" {
				t.Errorf("an outsider's words are kept: %+v", one)
			}
		}
		if times != 15_000 || len(rows) > 501 {
			t.Errorf("%d refusals in %d rows", times, len(rows))
		}
		r.Count(dars.Act{At: h.noon().AddDate(4, 0, 0)}, dars.ActSignIn, no)
		h.must(h.first().Keep(t.Context(), &r))
		if f := h.figures("refused", h.today); len(f.Tables[0].Rows) != 0 {
			t.Errorf("after years there are still %v", f.Tables[0].Rows)
		}
		if h.head() != before {
			t.Error("a refusal has left a trace in the log")
		}
		h.sound()
	})
}
