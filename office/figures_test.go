package office_test

import (
	"encoding/json"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

func (h *house) figures(kind string, on dars.Day) dars.Figures {
	h.t.Helper()
	f, err := office.Desk{Office: h.first()}.Figures(h.t.Context(), h.by("connie"), kind, on)
	h.must(err)
	return f
}

// A report for a past day says what it said on that day, whatever has happened since,
// and names the log of that day.
func TestFiguresOfAPastDay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.joint()
		then, rows := map[string]string{}, map[string]int{}
		for _, k := range dars.FigureKinds {
			f := h.figures(k.Code, h.today)
			text, err := json.Marshal(f)
			h.must(err)
			then[k.Code], rows[k.Code] = string(text), len(f.Rows)
		}
		day := h.today
		if rows["expiry"] != 1 || rows["holdings"] != 1 || rows["objections"] != 1 || rows["service-levels"] == 0 || rows["certificates"]+rows["sanctions"]+rows["recalls"]+rows["audits"] != 0 {
			t.Errorf("of that day there are %v", rows)
		}
		if f := h.figures("holdings", day); f.Rows[0][0] != string(r.Agreement) || f.Rows[0][5] != 1 || f.Rows[0][6] != 7 {
			t.Errorf("who holds what: %v", f.Rows)
		}
		tree, err := h.first().Store.Tree(ctx)
		h.must(err)
		if f := h.figures("expiry", day); f.Log.Events != tree.N || f.Log.Hash != tree.Hash.String() {
			t.Errorf("the log is %v, and the report says %v", tree, f.Log)
		}

		h.today = h.today.Add(3)
		h.must(office.Parties{Office: h.first()}.Hold(ctx, h.by("connie"), "RA1"))
		_, err = office.Audits{Office: h.first()}.Open(ctx, h.by("audrey"), "RA1", "", "ROUTINE")
		h.must(err)
		h.started(h.unapplied("2026-01-01", "2026-03-31"))
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), r.Agreement))
		for _, k := range dars.FigureKinds {
			text, err := json.Marshal(h.figures(k.Code, day))
			h.must(err)
			if string(text) != then[k.Code] {
				t.Errorf("%s made later for that day:\n%s\n%s", k.Code, text, then[k.Code])
			}
		}
		for kind, want := range map[string]int{"expiry": 0, "holdings": 1, "certificates": 1, "sanctions": 1, "audits": 1, "recalls": 1} {
			if f := h.figures(kind, h.today); len(f.Rows) != want {
				t.Errorf("%s as things are now: %v", kind, f.Rows)
			}
		}
		if f := h.figures("expiry", "2025-01-01"); len(f.Rows) != 0 || f.Log.Events != 0 {
			t.Errorf("before the office there was %v", f)
		}
		before := h.head()
		_, err = office.Desk{Office: h.first()}.Figures(ctx, h.by("connie"), "expiry", h.today.Add(1))
		ruled(t, err, "in-future")
		_, err = office.Desk{Office: h.first()}.Figures(ctx, h.by("connie"), "weather", h.today)
		ruled(t, err, "no-report")
		_, err = office.Desk{Office: h.first()}.Figures(ctx, h.by("carol"), "expiry", h.today)
		if ruled(t, err, "no-power"); h.head() != before {
			t.Error("looking has left a trace")
		}
	})
}

// The log's figures of today are those of the rows that are stored.
func TestFiguresAreThoseOfTheRows(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.joint()
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), r.Agreement))
		h.must(h.first().Store.View(t.Context(), func(tx *store.Tx) error {
			certificates, err := store.Find[dars.Certificate](tx)
			if err != nil {
				return err
			}
			f := h.figures("certificates", h.today)
			if len(f.Rows) != len(certificates) || f.Rows[0][0] != string(certificates[0].ID) || f.Rows[0][4] != certificates[0].Due {
				t.Errorf("stored is %+v, and the report says %v", certificates[0], f.Rows)
			}
			return nil
		}))
	})
}
