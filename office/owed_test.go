package office_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
)

// What fails stays owed, says why, holds nothing else up, and is done when it can
// be: by anybody, as often as it takes, and then no more.
func TestWhatFailsStaysOwed(t *testing.T) {
	down := errors.New("no such host")
	tests := map[string]struct {
		breaks, mends func(*works)
		owes          map[string]int // by kind, after the first try
		says          string
	}{
		"the mail is down":  {func(w *works) { w.mailIs = down }, func(w *works) { w.mailIs = nil }, map[string]int{"letter": 4}, "no such host"},
		"the vault is down": {func(w *works) { w.vaultIs = down }, func(w *works) { w.vaultIs = nil }, map[string]int{"paper": 2, "purge": 1}, "no such host"},
		"a drawing fails":   {func(w *works) { w.draw = func(string) error { return down } }, func(w *works) { w.draw = nil }, map[string]int{"paper": 2}, "no such host"},
		"a drawing panics":  {func(w *works) { w.draw = func(string) error { panic("index out of range") } }, func(w *works) { w.draw = nil }, map[string]int{"paper": 2}, "panic: index out of range"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			agreed.each(t, func(t *testing.T, h *house) {
				ctx := t.Context()
				r := h.published(h.agreement())
				h.must(h.first().Work(ctx, h.noon))
				if work := h.owed(); len(work) != 0 {
					t.Fatalf("owed are %+v", work)
				}
				mails, drawn := len(h.works.mails), len(h.works.drawn)
				// Two papers, two letters and a purge.
				_, err := office.Parties{Office: h.first()}.IssueContract(ctx, h.by("carol"), "RA2", h.today, "2028-03-31")
				h.must(err)
				h.must(office.Parties{Office: h.first()}.Hold(ctx, h.by("connie"), "RA2"))
				_, err = office.Audits{Office: h.first()}.Open(ctx, h.by("audrey"), "RA1", r.Agreement, "ROUTINE")
				h.must(err)
				h.must(office.Releases{Office: h.first()}.Withdraw(ctx, h.by("carol"), r.ID))
				tt.breaks(h.works)
				now := h.noon()
				clock := func() time.Time { return now }
				if err := h.first().Work(ctx, clock); err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("it says %v", err)
				}
				left := map[string]int{}
				for _, w := range h.owed() {
					left[w.What]++
					if !strings.Contains(w.Failed, tt.says) {
						t.Errorf("%s failed because %q", w.What, w.Failed)
					}
				}
				for kind, n := range tt.owes {
					if left[kind] != n {
						t.Errorf("of %s %d are owed, want %d", kind, left[kind], n)
					}
				}
				h.must(h.both[1].Work(ctx, clock)) // at once again: it is not its time
				todo, err := office.Desk{Office: h.first()}.Todo(ctx, h.people["olive"], h.noon())
				h.must(err)
				told := false
				for _, d := range todo {
					told = told || d.Kind == "owed" && strings.Contains(d.Act, tt.says)
				}
				if !told {
					t.Errorf("the operator is not told: %+v", todo)
				}
				tt.mends(h.works)
				now = now.Add(time.Hour)
				h.must(h.both[1].Work(ctx, clock))
				h.must(h.first().Work(ctx, clock))
				if work := h.owed(); len(work) != 0 {
					t.Errorf("owed are %+v", work)
				}
				if len(h.works.mails) != mails+2 || len(h.works.drawn) != drawn+2 || len(h.works.purged) != 1 {
					if name != "the vault is down" || len(h.works.drawn) != drawn+4 { // each was drawn, and could not be kept
						t.Errorf("%d letters, %d papers and %d purges came of it", len(h.works.mails)-mails, len(h.works.drawn)-drawn, len(h.works.purged))
					}
				}
				h.sound()
			})
		})
	}
}

// Papers are drawn by many workers, filed once.
func TestAPaperIsFiledOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		h.contract("RA2", "2028-03-31")
		h.issued(h.form())
		h.race(8, "", func(_ int, o *office.Office) error { return o.Work(t.Context(), h.noon) })
		seen := map[string]bool{}
		for _, p := range all[dars.Paper](h) {
			key := p.Kind + " " + p.About + " " + p.Name
			if seen[key] || p.Bytes == 0 || h.works.vault[":"+p.Vault] == nil {
				t.Errorf("filed again, or without its file: %+v", p)
			}
			seen[key] = true
		}
		if len(seen) < 4 {
			t.Errorf("filed are %v", seen)
		}
		h.must(office.Objections{Office: h.first()}.VerifyLists(t.Context()))
		for _, p := range all[dars.Paper](h) {
			h.works.vault[":"+p.Vault] = []byte("something else")
			err := office.Objections{Office: h.first()}.VerifyLists(t.Context())
			if err == nil || !strings.Contains(err.Error(), "paper "+string(p.ID)+": its file in the vault is not the one") {
				t.Errorf("altered, it is said: %v", err)
			}
			delete(h.works.vault, ":"+p.Vault)
			if err := (office.Objections{Office: h.first()}).VerifyLists(t.Context()); err == nil || !strings.Contains(err.Error(), "paper "+string(p.ID)+": its file in the vault cannot be read") {
				t.Errorf("lost, it is said: %v", err)
			}
		}
	})
}

// Whoever acted waits for what another program has taken on.
func TestWorkAfterWaitsForAnother(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.must(h.first().Work(ctx, h.noon))
		before := h.head()
		_, err := office.Parties{Office: h.first()}.IssueContract(ctx, h.by("carol"), "RA2", h.today, "2028-03-31")
		h.must(err)
		begun, goOn := make(chan bool), make(chan bool)
		h.works.draw = func(string) error { begun <- true; <-goOn; return nil }
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := h.both[1].Work(ctx, h.noon); err != nil {
				t.Error(err)
			}
		})
		<-begun
		done := make(chan error, 1)
		wg.Go(func() { done <- h.first().WorkAfter(ctx, before, h.noon) })
		select {
		case err := <-done:
			t.Errorf("it did not wait: %v", err)
		default:
		}
		close(goOn)
		if err := <-done; err != nil || len(h.works.drawn) != 1 {
			t.Errorf("%v, and drawn are %v", err, h.works.drawn)
		}
		wg.Wait()
	})
}
