package office_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

func TestOneCheckPassesOfTwenty(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		o := office.Releases{Office: h.first()}
		id, err := o.Plan(t.Context(), h.by("carol"), h.agreement(), "HES_APC", nil)
		h.must(err)
		h.must(o.Produce(t.Context(), h.by("pat"), id))
		for i := range 20 {
			h.add(fmt.Sprint("checker", i), dars.TheOffice, dars.Checker)
		}
		before := h.head()
		done := h.race(20, "wrong-step", func(i int, o *office.Office) error {
			return office.Releases{Office: o}.Check(t.Context(), h.by(fmt.Sprint("checker", i)), id)
		})
		r := get[dars.Release](h, string(id))
		if done != 1 || h.head() != before+1 || r.State != dars.Checked || len(r.Hands) != 2 {
			t.Errorf("%d checks passed and left %d events: %+v", done, h.head()-before, r.Hands)
		}
		h.sound()
	})
}

func TestTwoConfirmsAreTwoPeople(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		id := h.returned(h.form())
		alone := h.race(10, "same-person", func(_ int, o *office.Office) error {
			return office.Agreements{Office: o}.Confirm(t.Context(), h.by("carol"), id)
		})
		if g := get[dars.Agreement](h, string(id)); alone != 1 || g.State != dars.AgreementIssued {
			t.Fatalf("one person confirmed %d times, and it is %s", alone, g.State)
		}
		for i := range 10 {
			h.add(fmt.Sprint("officer", i), dars.TheOffice, dars.CaseOfficer)
		}
		others := h.race(10, "wrong-step", func(i int, o *office.Office) error {
			return office.Agreements{Office: o}.Confirm(t.Context(), h.by(fmt.Sprint("officer", i)), id)
		})
		if g := get[dars.Agreement](h, string(id)); others != 1 || g.State != dars.AgreementSigned || len(g.ConfirmedBy) != 2 {
			t.Errorf("%d others confirmed, and it is %s by %v", others, g.State, g.ConfirmedBy)
		}
	})
}

// What is done once is done once by many: each act is tried by ten at the same
// time, and the next one follows.
func TestStepsAreTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for i := range 10 {
			h.add(fmt.Sprint("all", i), dars.TheOffice, dars.InsideRoles()...)
		}
		contract := h.contract("RA1", "2028-03-31")
		ref := h.approved(h.form())
		h.list("2026-03-01", 5)
		var agreement dars.AgreementID
		var release dars.ReleaseID
		var attempts []string
		h.works.packed = func(p office.Packing) {
			h.works.mu.Lock()
			defer h.works.mu.Unlock()
			attempts = append(attempts, p.Attempt)
		}
		steps := []struct {
			name, rules string
			do          func(a dars.Act, o *office.Office) error
		}{
			{"a contract that is signed already", "wrong-step", func(a dars.Act, o *office.Office) error {
				return errors.Join(office.Parties{Office: o}.ConfirmContract(ctx, a, contract))
			}},
			{"issue", "known", func(a dars.Act, o *office.Office) error {
				id, err := office.Agreements{Office: o}.Issue(ctx, a, ref, "", "")
				if err == nil {
					agreement = id
				}
				return err
			}},
			{"take in the signed copy", "wrong-step", func(a dars.Act, o *office.Office) error {
				text := fmt.Sprintf("signed %s\n%s", agreement, a.Who) // each has a copy of their own
				_, err := office.Agreements{Office: o}.TakeCopy(ctx, office.At(dars.ByFolder, a.At), paper("signed-agreements", "a.pdf", text), []byte(text))
				return err
			}},
			{"confirm", "wrong-step same-person", func(a dars.Act, o *office.Office) error {
				return office.Agreements{Office: o}.Confirm(ctx, a, agreement)
			}},
			{"countersign", "wrong-step same-person in-force", func(a dars.Act, o *office.Office) error {
				return office.Agreements{Office: o}.Countersign(ctx, a, agreement)
			}},
			{"produce", "wrong-step", func(a dars.Act, o *office.Office) error {
				return office.Releases{Office: o}.Produce(ctx, a, "REL-000001")
			}},
			{"check", "wrong-step same-person", func(a dars.Act, o *office.Office) error { return office.Releases{Office: o}.Check(ctx, a, release) }},
			{"sign off", "wrong-step same-person", func(a dars.Act, o *office.Office) error {
				return office.Releases{Office: o}.SignOff(ctx, a, release)
			}},
			{"publish", "wrong-step", func(a dars.Act, o *office.Office) error { return office.Releases{Office: o}.Publish(ctx, a, release) }},
			{"withdraw", "wrong-step", func(a dars.Act, o *office.Office) error { return office.Releases{Office: o}.Withdraw(ctx, a, release) }},
			{"terminate", "wrong-step", func(a dars.Act, o *office.Office) error {
				return office.Agreements{Office: o}.Terminate(ctx, a, agreement)
			}},
		}
		want := map[string]int{"a contract that is signed already": 0, "confirm": 2, "take in the signed copy": 10} // a later copy takes the place of an earlier one
		for _, s := range steps {
			if s.name == "produce" {
				id, err := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), agreement, "HES_APC", nil)
				h.must(err)
				release = id
			}
			n, ok := want[s.name]
			if !ok {
				n = 1
			}
			done := h.race(10, s.rules, func(i int, o *office.Office) error { return s.do(h.by(fmt.Sprint("all", i)), o) })
			if done != n {
				t.Fatalf("%s was done %d times by ten", s.name, done)
			}
		}
		if n := len(all[dars.Release](h)); n != 1 {
			t.Errorf("%d releases", n)
		}
		kept := append(h.works.discard, get[dars.Release](h, string(release)).Attempt)
		slices.Sort(kept)
		slices.Sort(attempts)
		if !slices.Equal(attempts, kept) {
			t.Errorf("the attempts were %v, and %v are kept or discarded", attempts, kept)
		}
		if n := len(h.works.letters("")); n != 0 {
			t.Errorf("%d letters went before anybody worked", n)
		}
		// Ten programs work at what is owed: each letter goes out, and once each.
		h.race(10, "", func(_ int, o *office.Office) error { return o.Work(ctx, h.noon) })
		if h.works.sent != len(h.works.handed) || h.works.sent == 0 || len(h.owed()) != 0 {
			t.Errorf("%d letters were sent %d times, and owed are %+v", len(h.works.handed), h.works.sent, h.owed())
		}
		h.sound()
	})
}

func TestNumbersAreNeverDoubled(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		g := h.agreed(h.form())
		const many = 12
		tests := map[string]func(i int, o *office.Office) (string, error){
			"releases": func(_ int, o *office.Office) (string, error) {
				id, err := office.Releases{Office: o}.Plan(ctx, h.by("carol"), g, "HES_APC", nil)
				return string(id), err
			},
			"contracts": func(_ int, o *office.Office) (string, error) {
				id, err := office.Parties{Office: o}.IssueContract(ctx, h.by("carol"), "RA2", h.today, "2028-03-31")
				return string(id), err
			},
			"applications": func(_ int, o *office.Office) (string, error) {
				id, err := office.Applications{Office: o}.Submit(ctx, h.by("rita"), h.folder(h.form()), "")
				return string(id), err
			},
			"people": func(i int, o *office.Office) (string, error) {
				id, err := office.Parties{Office: o}.AddPerson(ctx, h.by("olive"), dars.Person{Org: dars.TheOffice, Login: fmt.Sprint("new", i)}, "", "")
				return string(id), err
			},
			"audits": func(i int, o *office.Office) (string, error) {
				of, n := []dars.AgreementID{g, ""}, len(dars.AuditTriggers) // one for each reason
				id, err := office.Audits{Office: o}.Open(ctx, h.by("audrey"), "RA1", of[i/n], dars.AuditTriggers[i%n].Code)
				return string(id), err
			},
		}
		for name, make := range tests {
			var mu sync.Mutex
			ids := map[string]bool{}
			done := h.race(many, "", func(i int, o *office.Office) error {
				id, err := make(i, o)
				mu.Lock()
				defer mu.Unlock()
				ids[id] = true
				return err
			})
			if done != many || len(ids) != many {
				t.Errorf("%d %s have %d names", done, name, len(ids))
			}
		}
		files := map[dars.FileID]bool{}
		for _, r := range all[dars.Release](h) {
			for _, f := range r.Files {
				files[f.ID] = true
			}
		}
		if len(files) != 2*many {
			t.Errorf("%d files have %d names", 2*many, len(files))
		}
		h.sound()
	})
}

// The millionth of a kind follows the one before it, though as text it does not.
func TestNumbersGoOnAfterAMillion(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.must(h.first().Store.Do(ctx, func(tx *store.Tx) error {
			return tx.Save(h.by("carol"), "kept", &dars.Audit{ID: "AUD-999998", Org: "RA1", State: dars.Triggered})
		}))
		for i, want := range []dars.AuditID{"AUD-999999", "AUD-1000000", "AUD-1000001"} {
			if id, err := (office.Audits{Office: h.first()}).Open(ctx, h.by("audrey"), "RA1", "", dars.AuditTriggers[i].Code); id != want || err != nil {
				t.Errorf("got %s, want %s, %v", id, want, err)
			}
		}
	})
}

func TestAnOfficeIsFoundedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		done := h.race(6, "founded", func(_ int, o *office.Office) error {
			return office.Parties{Office: o}.Found(t.Context(), dars.Act{At: h.noon(), Via: dars.Console}, true, "eve", "SHA256:eve", "ssh-ed25519 eve")
		})
		if house := get[dars.House](h, "house"); done != 0 || house.Rehearsal {
			t.Errorf("it was founded %d times more: %+v", done, house)
		}
	})
}

func TestAnAgreementExpiresOnce(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		id := h.agreement()
		h.collect("rita", h.published(id).Files[0])
		early := h.noon()
		h.today = "2027-03-03"
		duty := office.Duty{Kind: "agreement", Ref: string(id), Step: "expire", Due: h.today}
		if done, err := (office.Clock{Office: h.first()}).Do(t.Context(), duty, early); done != nil || err != nil {
			t.Fatalf("it expired before its end: %+v, %v", done, err)
		}
		var mu sync.Mutex
		n := 0
		h.race(10, "", func(_ int, o *office.Office) error {
			done, err := office.Clock{Office: o}.Do(t.Context(), duty, h.noon())
			if done != nil {
				mu.Lock()
				n++
				mu.Unlock()
			}
			return err
		})
		if certs := all[dars.Certificate](h); n != 1 || len(certs) != 1 {
			t.Errorf("it expired %d times and owes %d certificates", n, len(certs))
		}
		h.sound()
	})
}

func TestOneReportADay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range 3 {
			var mu sync.Mutex
			n, ids := 0, map[dars.ReportID]bool{}
			h.race(8, "", func(_ int, o *office.Office) error {
				id, made, err := office.Clock{Office: o}.Report(t.Context(), h.by("connie"))
				mu.Lock()
				defer mu.Unlock()
				if ids[id] = true; made {
					n++
				}
				return err
			})
			if n != 1 || len(ids) != 1 {
				t.Errorf("on %s %d reports were made: %v", h.today, n, ids)
			}
			h.today = h.today.Add(1)
		}
		h.must(h.first().Work(t.Context(), h.noon))
		var want []string
		for _, name := range []string{"RPT-000001-compliance-2026-03-02", "RPT-000002-compliance-2026-03-03", "RPT-000003-compliance-2026-03-04"} {
			want = append(want, name+".pdf", name+".xlsx", name+".json")
		}
		if !slices.Equal(h.works.reports, want) {
			t.Errorf("the reports are %v", h.works.reports)
		}
	})
}

// While an agreement ends, people go on downloading. What had been reserved when
// it ended is on the certificate, and nothing is reserved afterwards.
func TestNothingLeavesThatTheCertificateDoesNotKnow(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		for seed := range uint64(8) {
			rnd := rand.New(rand.NewPCG(seed, 0))
			f := h.form()
			f.End = h.today.Add(1)
			id := h.agreed(f)
			r := h.published(id)
			lastly := h.first().Calendar.End(f.End).Add(-time.Second)
			after := h.first().Calendar.End(f.End)
			var mu sync.Mutex
			reserved := map[dars.FileID]map[dars.PersonID]dars.Ranges{}
			starts := rnd.Perm(16)
			h.race(17, "not-in-force not-open", func(i int, o *office.Office) error {
				if i == 16 {
					_, err := office.Clock{Office: o}.Do(t.Context(), office.Duty{Kind: "agreement", Ref: string(id), Step: "expire"}, after)
					return err
				}
				login := []string{"rita", "ron"}[i%2]
				d := h.download(login, r.Files[i/2%2].ID, fmt.Sprint("h", i))
				some := dars.Range{From: int64(starts[i]), To: int64(starts[i]) + 5}
				err := office.Ledger{Office: o}.Reserve(t.Context(), d, some, lastly)
				if err == nil {
					mu.Lock()
					if reserved[d.File] == nil {
						reserved[d.File] = map[dars.PersonID]dars.Ranges{}
					}
					reserved[d.File][d.Who] = reserved[d.File][d.Who].Add(some)
					mu.Unlock()
				}
				return err
			})
			g := get[dars.Agreement](h, string(id))
			if (g.State == dars.Closed) != (len(reserved) == 0) {
				t.Fatalf("the agreement is %s, and reserved were %v", g.State, reserved)
			}
			told := map[dars.FileID]map[dars.PersonID]int64{}
			if g.Certificate != "" {
				for _, f := range get[dars.Certificate](h, string(g.Certificate)).Files {
					told[f.File] = map[dars.PersonID]int64{}
					for _, s := range f.Sent {
						told[f.File][s.Person] = s.Bytes
					}
				}
			}
			for file, who := range reserved {
				for person, ranges := range who {
					if told[file][person] < ranges.Bytes() {
						t.Errorf("%s of %s: %d bytes may have left, and the certificate says %d", file, person, ranges.Bytes(), told[file][person])
					}
				}
			}
			for _, at := range []time.Time{lastly, after} {
				ruled(t, office.Ledger{Office: h.first()}.Reserve(t.Context(), h.download("rita", r.Files[0].ID, "late"), dars.Range{From: 0, To: 1}, at), "not-in-force")
			}
		}
		h.sound()
	})
}

// Dates decide, whether or not the clock's own duties have run.
func TestNothingLeavesAfterTheLastDay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, l := t.Context(), office.Ledger{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.End = "2026-03-29" // on which clocks go forward
		r := h.published(h.agreed(f))
		h.must(office.Releases{Office: h.first()}.Extend(ctx, h.by("carol"), r.ID, f.End))
		d := h.download("rita", r.Files[0].ID, "h")
		midnight := h.first().Calendar.End(f.End)
		h.must(l.Reserve(ctx, d, dars.Range{From: 0, To: 1}, midnight.Add(-1)))
		ruled(t, l.Reserve(ctx, d, dars.Range{From: 1, To: 2}, midnight), "not-in-force")
		ruled(t, l.May(ctx, d.Who, d.Visitor, r.ID, midnight), "not-in-force")
		shelf, err := office.Desk{Office: h.first()}.Shelf(ctx, d.Who, midnight)
		if err != nil || len(shelf.Open) != 0 {
			t.Errorf("open are %v, %v", shelf.Open, err)
		}
		h.must(l.Settle(ctx, d, dars.Ranges{{From: 0, To: 1}}, nil, midnight)) // the handle is closed late
		if c := get[dars.Collection](h, dars.CollectionRef(d.File, d.Who)); c.Sent().Bytes() != 1 || len(c.Open) != 0 {
			t.Errorf("the ledger says %+v", c)
		}
	})
}

func TestWhoMayCollect(t *testing.T) {
	tests := map[string]struct {
		spoil func(h *house, r *dars.Release)
		login string
		key   string
		rule  string
	}{
		"a recipient":                    {nil, "rita", "SHA256:rita", ""},
		"another recipient":              {nil, "ron", "SHA256:ron", ""},
		"one of another organisation":    {nil, "ravi", "SHA256:ravi", "not-found"},
		"one of the office":              {nil, "pat", "SHA256:pat", "not-found"},
		"a recipient with another's key": {nil, "rita", "SHA256:ron", "no-entry"},
		"a recipient with a key revoked": {func(h *house, _ *dars.Release) {
			h.must(office.Parties{Office: h.first()}.RevokeKey(h.t.Context(), h.by("carol"), "rita", "SHA256:rita"))
		}, "rita", "SHA256:rita", "key-revoked"},
		"a recipient with a key that one person gave": {func(h *house, _ *dars.Release) {
			h.must(office.Parties{Office: h.first()}.AddKey(h.t.Context(), h.by("carol"), "rita", "SHA256:new", "ssh-ed25519 new"))
		}, "rita", "SHA256:new", "no-entry"},
		"when it was withdrawn": {func(h *house, r *dars.Release) {
			h.must(office.Releases{Office: h.first()}.Withdraw(h.t.Context(), h.by("carol"), r.ID))
		}, "rita", "SHA256:rita", "not-open"},
		"when its window is over":  {func(h *house, r *dars.Release) { h.today = r.WindowEnds.Add(1) }, "rita", "SHA256:rita", "window-over"},
		"on its window's last day": {func(h *house, r *dars.Release) { h.today = r.WindowEnds }, "rita", "SHA256:rita", ""},
		"when the agreement was terminated": {func(h *house, r *dars.Release) {
			h.must(office.Agreements{Office: h.first()}.Terminate(h.t.Context(), h.by("carol"), r.Agreement))
		}, "rita", "SHA256:rita", "not-in-force"},
		"when the organisation is on hold": {func(h *house, _ *dars.Release) {
			h.must(office.Parties{Office: h.first()}.Hold(h.t.Context(), h.by("connie"), "RA1"))
		}, "rita", "SHA256:rita", "on-hold"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			agreed.each(t, func(t *testing.T, h *house) {
				r := h.published(h.agreement())
				if tt.spoil != nil {
					tt.spoil(h, r)
				}
				before := h.head()
				d := h.download(tt.login, r.Files[0].ID, "h")
				d.Visitor.Key = tt.key
				l := office.Ledger{Office: h.first()}
				ruled(t, l.May(t.Context(), d.Who, d.Visitor, r.ID, h.noon()), tt.rule)
				ruled(t, l.Reserve(t.Context(), d, dars.Range{From: 0, To: 1}, h.noon()), tt.rule)
				if tt.rule != "" && (h.head() != before || len(all[dars.Collection](h)) != 0) {
					t.Error("a refusal left a trace")
				}
			})
		})
	}
}
