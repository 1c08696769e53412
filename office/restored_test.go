package office_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// What an office gave after its backup is out in the world, though it was lost: brought
// back, it gives none of that again. It is lost twice here, each time after a day's work.
func TestNoReferenceIsGivenAgain(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		g := h.agreement()
		h.collect("rita", h.published(g).Files[0])
		var backup bytes.Buffer
		var held store.Snapshot
		h.must(h.first().Store.View(t.Context(), func(tx *store.Tx) (err error) {
			held, err = tx.Snapshot(&backup)
			return err
		}))
		before := h.nouns()
		given := map[string]string{}
		for _, day := range []dars.Day{"2026-03-02", "2026-03-03", "2026-03-04"} {
			h.today = day
			if day != "2026-03-02" {
				h.restore(backup.String(), dars.Restoration{From: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), At: h.noon(), Events: held.Tree.N, Head: held.Tree.Hash.String()})
			}
			h.aDaysWork(g)
			for noun := range h.nouns() {
				if before[noun] {
					continue
				}
				if was := given[noun]; was != "" {
					t.Errorf("on %s %s was given, and on %s another", was, noun, day)
				}
				given[noun] = string(day)
			}
			h.sound()
		}
		if len(given) < 40 {
			t.Errorf("only %d references were given: %v", len(given), given)
		}
		kept := all[dars.Restoration](h)
		if len(kept) != 1 || kept[0].Events != held.Tree.N || kept[0].Head != held.Tree.Hash.String() {
			t.Errorf("the log says of the backup: %+v", kept)
		}
	})
}

// aDaysWork gives a reference of each kind that papers and files bear, some of them by
// many at once.
func (h *house) aDaysWork(g dars.AgreementID) {
	h.t.Helper()
	ctx := h.t.Context()
	h.list(h.today, 5)
	h.contract("RA2", "2028-03-31")
	h.add("new-on-"+string(h.today), dars.TheOffice, dars.CaseOfficer)
	h.race(10, "", func(_ int, o *office.Office) error {
		_, err := office.Releases{Office: o}.Plan(ctx, h.by("carol"), g, "HES_APC", nil)
		return err
	})
	f := h.form()
	f.Title = "Another study of " + string(h.today)
	h.collect("ron", h.published(h.agreed(f)).Files[0])
	amended := h.form()
	amended.Kind, amended.Previous = dars.Amendment, string(g)
	h.approved(amended)
}

// restore loses the office, and brings it back on another database of the kind.
func (h *house) restore(backup string, r dars.Restoration) {
	h.t.Helper()
	ctx, address := h.t.Context(), bare(h.t, h.kind)
	s, _, err := store.Fill(ctx, address, strings.NewReader(backup), func(tx *store.Tx) error { return office.Restored(tx, r) })
	h.must(err)
	defer s.Close()
	h.must(s.LetGo(ctx))
	for i := range h.both {
		again := *h.both[i]
		again.Store, err = store.Open(ctx, address)
		h.must(err)
		h.t.Cleanup(func() { again.Store.Close() })
		h.both[i] = &again
	}
	h.at = address
}

// nouns are all that the office knows, by kind and reference, and the files of its
// releases.
func (h *house) nouns() map[string]bool {
	h.t.Helper()
	known := map[string]bool{}
	h.must(h.first().Store.View(h.t.Context(), func(tx *store.Tx) error {
		cards, err := tx.ChangedSince(0)
		for _, c := range cards {
			if c.Kind != "restoration" {
				known[c.Kind+" "+c.Ref] = true
			}
		}
		return err
	}))
	for _, r := range all[dars.Release](h) {
		for _, f := range r.Files {
			known["file "+string(f.ID)] = true
		}
	}
	return known
}
