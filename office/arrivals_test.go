package office_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"darsd/dars"
	"darsd/office"
)

// The same bytes from the same hand are one arrival, however often and by however
// many programs they are taken in, and get one verdict.
func TestTheSameBytesAreOneArrival(t *testing.T) {
	arrivals := map[string]struct {
		from  string // login, or the folder
		make  func(h *house) office.Arrived
		count func(h *house) int
		want  int
		kept  dars.VerdictWord
	}{
		"an application": {"rita", func(h *house) office.Arrived { return h.folder(h.form()) },
			func(h *house) int { return len(all[dars.Application](h)) }, 1, dars.VerdictAccepted},
		"a signed copy": {"rita", func(h *house) office.Arrived {
			return paper("submit", "signed.pdf", "signed "+string(h.issued(h.form())))
		},
			func(h *house) int { return len(all[dars.Paper](h, dars.By("kind", "signed-copy"))) }, 1, dars.VerdictWaiting},
		"an objections list": {"folder", func(h *house) office.Arrived {
			return paper("objections", "objections-2026-03-01.txt", strings.Repeat("9434765919\n", 5))
		}, func(h *house) int { return len(all[dars.List](h)) }, 1, dars.VerdictAccepted},
		"a certificate": {"rita", func(h *house) office.Arrived {
			id := h.agreed(h.form())
			h.collect("rita", h.published(id).Files[0])
			h.must(office.Agreements{Office: h.first()}.Terminate(h.t.Context(), h.by("carol"), id))
			return h.filled(get[dars.Agreement](h, string(id)).Certificate, "")
		}, func(h *house) int { return len(all[dars.Paper](h, dars.By("kind", "certificate-return"))) }, 1, dars.VerdictWaiting},
	}
	for name, tt := range arrivals {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.people["folder"] = dars.ByFolder
				h.contract("RA1", "2028-03-31")
				if name != "an objections list" {
					h.list("2026-03-01", 5)
				}
				in := tt.make(h)
				a := office.At(h.people[tt.from], h.noon())
				var mu sync.Mutex
				var refs []string
				h.race(8, "", func(i int, o *office.Office) error {
					v := office.Intake{Office: o}.Take(t.Context(), a, in)
					mu.Lock()
					defer mu.Unlock()
					if v.Verdict != tt.kept || v.File != in.Name || v.SHA256 != in.SHA256 {
						t.Errorf("the verdict is %+v", v)
					}
					refs = append(refs, v.Ref)
					return nil
				})
				slices.Sort(refs)
				if n := len(slices.Compact(refs)); n != 1 || tt.count(h) != tt.want {
					t.Errorf("they are %v, and %d are kept", refs, tt.count(h))
				}
				if n := len(all[dars.Arrival](h, dars.By("sha256", in.SHA256))); n != 1 {
					t.Errorf("%d arrivals are noted", n)
				}
				letters, before := len(h.owed()), h.head()
				again := in
				again.Name = "again-" + in.Name
				if v := (office.Intake{Office: h.both[1]}).Take(t.Context(), a, again); v.File != again.Name || v.Ref != refs[0] || h.head() != before || len(h.owed()) != letters {
					t.Errorf("a day later they left a trace, or were judged anew: %+v", v)
				}
				h.sound()
			})
		})
	}
}

// What was sent back may be handed in again as it was: that is another arrival,
// and again only one.
func TestWhatWasSentBackMayComeAgainAsItWas(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		id := h.agreement()
		h.collect("rita", h.published(id).Files[0])
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), id))
		c := get[dars.Agreement](h, string(id)).Certificate
		in, a := h.filled(c, ""), office.At(h.people["rita"], h.noon())
		for n := 1; n <= 3; n++ {
			h.race(6, "", func(_ int, o *office.Office) error {
				if v := (office.Intake{Office: o}).Take(t.Context(), a, in); v.Verdict != dars.VerdictWaiting || v.Ref != string(c) {
					t.Errorf("the verdict is %+v", v)
				}
				return nil
			})
			if got := len(all[dars.Arrival](h, dars.By("sha256", in.SHA256))); got != n {
				t.Fatalf("%d arrivals after it was handed in %d times", got, n)
			}
			h.must(office.Deletion{Office: h.first()}.Query(t.Context(), h.by("connie"), c))
		}
		h.sound()
	})
}

func TestVerdicts(t *testing.T) {
	tests := map[string]struct {
		from string
		in   func(h *house) office.Arrived
		want dars.VerdictWord
		code string
		says string
	}{
		"a PDF with no reference on it": {"folder", func(*house) office.Arrived { return paper("signed-agreements", "a.pdf", "holiday photos") }, dars.VerdictRejected, "not-readable", "there is no reference on it"},
		"an agreement that nobody issued": {"folder", func(*house) office.Arrived {
			return paper("signed-agreements", "a.pdf", "signed DARS-NIC-000009-B1C2D-v1.0")
		}, dars.VerdictRejected, "no-agreement", "which this office has not issued"},
		"a signed copy through submit/":      {"rita", func(h *house) office.Arrived { return paper("submit", "a.pdf", "signed "+string(h.issued(h.form()))) }, dars.VerdictWaiting, "", "waits for two people"},
		"another organisation's signed copy": {"ravi", func(h *house) office.Arrived { return paper("submit", "a.pdf", "signed "+string(h.issued(h.form()))) }, dars.VerdictRejected, "no-agreement", "has not issued"},
		"a form that cannot be read": {"rita", func(*house) office.Arrived {
			return office.Arrived{Folder: "submit", Name: "a", Dir: true, SHA256: "x", Files: fstest.MapFS{"application.yaml": {Data: []byte("?")}}}
		}, dars.VerdictRejected, "bad-form", "application.yaml: line 1"},
		"a folder without a form": {"rita", func(*house) office.Arrived {
			return office.Arrived{Folder: "submit", Name: "a", Dir: true, SHA256: "x", Files: fstest.MapFS{}}
		}, dars.VerdictRejected, "no-form", "there is no application.yaml in a"},
		"a form that is a pipe": {"rita", func(*house) office.Arrived {
			return office.Arrived{Folder: "submit", Name: "a", Dir: true, SHA256: "x", Files: fstest.MapFS{"application.yaml": {Mode: fs.ModeNamedPipe}}}
		}, dars.VerdictRejected, "no-form", "there is no application.yaml in a"},
		"evidence that is not there": {"rita", func(h *house) office.Arrived {
			f := h.form()
			f.Evidence = []dars.Evidence{{Kind: "cag", File: "cag.pdf"}}
			return h.folder(f)
		}, dars.VerdictRejected, "no-evidence", "there is no file cag.pdf"},
		"evidence outside the folder": {"rita", func(h *house) office.Arrived {
			f := h.form()
			f.Evidence = []dars.Evidence{{Kind: "cag", File: "../../etc/passwd"}}
			return h.folder(f)
		}, dars.VerdictRejected, "bad-form", "is not the name of a file beside application.yaml"},
		"a collector of another organisation": {"rita", func(h *house) office.Arrived {
			f := h.form()
			f.Collectors = []string{"ravi"}
			return h.folder(f)
		}, dars.VerdictRejected, "no-collector", "ravi belongs to none of the organisations that the application names"},
		"a list without a date":  {"folder", func(*house) office.Arrived { return paper("objections", "objections.txt", "9434765919\n") }, dars.VerdictRejected, "no-date", "put the date in it"},
		"a list of no such date": {"folder", func(*house) office.Arrived { return paper("objections", "2026-02-30.txt", "9434765919\n") }, dars.VerdictRejected, "no-date", "put the date in it"},
		"a list of tomorrow":     {"folder", func(*house) office.Arrived { return paper("objections", "2026-03-03.txt", "9434765919\n") }, dars.VerdictRejected, "list-in-future", ""},
		"what belongs nowhere":   {"rita", func(*house) office.Arrived { return paper("submit", "letter.doc", "x") }, dars.VerdictRejected, "not-known", "nothing that belongs here"},
		"a folder for a list": {"folder", func(*house) office.Arrived {
			return office.Arrived{Folder: "objections", Name: "2026-02-27", Dir: true, SHA256: "x", Files: fstest.MapFS{}}
		}, dars.VerdictRejected, "not-a-file", "is a folder"},
		"a certificate of no number": {"folder", func(*house) office.Arrived { return paper("certificates", "a.yaml", "{}") }, dars.VerdictRejected, "not-found", "there is no certificate"},
		"a certificate that is none": {"folder", func(*house) office.Arrived { return paper("certificates", "a.yaml", "?") }, dars.VerdictRejected, "bad-form", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.people["folder"] = dars.ByFolder
				h.contract("RA1", "2028-03-31")
				in := tt.in(h)
				files, before := len(h.works.vault), h.head()
				v := office.Intake{Office: h.first()}.Take(t.Context(), office.At(h.people[tt.from], h.noon()), in)
				if v.Verdict != tt.want || v.Code != tt.code || !strings.Contains(v.Reason, tt.says) || v.File != in.Name || v.SHA256 != in.SHA256 {
					t.Errorf("the verdict is %+v", v)
				}
				if v.MissingPages == nil || v.Signatures == nil {
					t.Error("an empty list is written as nothing")
				}
				noted := all[dars.Arrival](h)
				if len(noted) != 1 || noted[0].Verdict.Code != tt.code {
					t.Errorf("noted are %+v", noted)
				}
				if tt.want == dars.VerdictRejected && h.head() != before+1 {
					t.Errorf("%d events tell of a refusal, and %d files are kept", h.head()-before, len(h.works.vault)-files)
				}
			})
		})
	}
}

// A fault of the office's own is no verdict on what came in: dropped again, it is
// taken in.
func TestAFaultIsNoVerdict(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		in := paper("signed-agreements", "a.pdf", "signed "+string(h.issued(h.form())))
		a, o := office.At(dars.ByFolder, h.noon()), office.Intake{Office: h.first()}
		h.works.vaultIs = errors.New("the disk is full")
		if v := o.Take(t.Context(), a, in); v.Code != "fault" || v.Verdict != "" || v.Reason != "" {
			t.Errorf("the verdict is %+v", v)
		}
		h.works.vaultIs = nil
		stopped, stop := context.WithCancel(t.Context())
		stop()
		if v := o.Take(stopped, a, in); v.Code != "fault" || v.Verdict != "" { // the daemon is told to stop
			t.Errorf("the verdict is %+v", v)
		}
		if n := len(all[dars.Arrival](h)); n != 0 {
			t.Errorf("%d arrivals are noted", n)
		}
		if v := o.Take(t.Context(), a, in); v.Verdict != dars.VerdictWaiting {
			t.Errorf("the verdict is %+v", v)
		}
	})
}
