package office_test

import (
	"errors"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// Who assessed it, in whoever's name, has a part in it: neither the delegate nor the
// owner decides, takes part in the outcome, or lets somebody decide for them.
func TestWhoAssessedForAnotherDoesNotDecide(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c, o := t.Context(), office.Committee{Office: h.first()}, office.Parties{Office: h.first()}
		h.add("deb", dars.TheOffice, dars.SIRO, dars.Member)
		h.contract("RA1", h.today.AddMonths(36))
		ref := h.accepted(h.form())
		h.must(o.Delegate(ctx, h.by("iris"), "iris", "deb", dars.IAO, h.today, h.today))
		h.must(c.Assess(ctx, h.by("deb"), ref))
		p := get[dars.Application](h, ref)
		if d := p.Decisions[len(p.Decisions)-1]; d.Step != "assessed" || d.By != h.people["deb"] || d.For != h.people["iris"] {
			t.Errorf("on record is %+v", d)
		}
		h.must(errors.Join(c.PreReview(ctx, h.by("sue"), ref), h.sit(), c.Attend(ctx, h.by("sue"), "MEET-000001", "deb", dars.Professional), c.Present(ctx, h.by("iris"), ref), c.Outcome(ctx, h.by("sue"), ref, dars.Recommended)))
		if i := get[dars.Meeting](h, "MEET-000001").Agenda[0]; len(i.Took) != 4 || len(i.Without) != 1 || i.Without[0].Person != h.people["deb"] || !strings.Contains(i.Without[0].Why, "assessed") {
			t.Errorf("took part %+v, without %+v", i.Took, i.Without)
		}
		ruled(t, c.SIRO(ctx, h.by("deb"), ref, true), "same-person")
		h.must(o.Delegate(ctx, h.by("olive"), "deb", "audrey", dars.SIRO, h.today, h.today))
		head := h.head()
		ruled(t, c.SIRO(ctx, h.by("audrey"), ref, true), "same-person")
		if h.head() != head {
			t.Error("a refusal left a trace")
		}
		h.must(c.SIRO(ctx, h.by("sid"), ref, true))
		h.sound()
	})
}

// Of several owners each one's word is on record as it is given.
func TestEachOwnersAssessmentIsOnRecord(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c := t.Context(), office.Committee{Office: h.first()}
		h.add("ivan", dars.TheOffice, dars.IAO)
		for _, o := range h.both {
			o.Catalogue = append(dars.Catalogue{}, catalogue...)
			other := catalogue[0]
			other.Code, other.IAO = "HES_OP", "ivan"
			o.Catalogue = append(o.Catalogue, other)
		}
		h.contract("RA1", h.today.AddMonths(36))
		f := h.form()
		second := f.Datasets[0]
		second.Code = "HES_OP"
		f.Datasets = append(f.Datasets, second)
		ref := h.accepted(f)
		h.must(c.Assess(ctx, h.by("iris"), ref))
		p := get[dars.Application](h, ref)
		if d := p.Decisions[len(p.Decisions)-1]; p.State != dars.Accepted || d.Step != "assessed" || d.By != h.people["iris"] {
			t.Errorf("it is %s, and on record is %+v", p.State, p.Decisions)
		}
		ruled(t, c.Assess(ctx, h.by("iris"), ref), "same-person")
		h.must(c.Assess(ctx, h.by("ivan"), ref))
		if p := get[dars.Application](h, ref); p.State != dars.Assessed || p.PartOf(h.people["iris"]) == "" || p.PartOf(h.people["ivan"]) == "" {
			t.Errorf("it is %s: %+v", p.State, p.Decisions)
		}
	})
}

// Nobody acts in the role of somebody who is not there any more, and what waits for
// them is not in the todo of a delegate.
func TestADelegateActsWhileTheOtherCould(t *testing.T) {
	tests := map[string]func(h *house) error{
		"has left": func(h *house) error {
			return office.Parties{Office: h.first()}.Leave(h.t.Context(), h.by("olive"), "sid")
		},
		"has lost the one key": func(h *house) error {
			return office.Parties{Office: h.first()}.RevokeKey(h.t.Context(), h.by("olive"), "sid", "SHA256:sid")
		},
	}
	for name, gone := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ctx, c, desk := t.Context(), office.Committee{Office: h.first()}, office.Desk{Office: h.first()}
				h.contract("RA1", h.today.AddMonths(36))
				ref := h.presented(h.form())
				h.must(c.Outcome(ctx, h.by("sue"), ref, dars.Recommended))
				h.must(office.Parties{Office: h.first()}.Delegate(ctx, h.by("sid"), "sid", "audrey", dars.SIRO, h.today, h.today))
				waits := func() (n int) {
					todo, err := desk.Todo(ctx, h.people["audrey"], h.noon())
					h.must(err)
					for _, d := range todo {
						if strings.HasPrefix(d.Act, "darsd decision siro") {
							n++
						}
					}
					return n
				}
				stands := func() int {
					all, err := desk.StandsFor(ctx, get[dars.Person](h, string(h.people["audrey"])), h.today)
					h.must(err)
					return len(all)
				}
				if waits() != 1 || stands() != 1 {
					t.Fatalf("in todo %d times, stands in %d times", waits(), stands())
				}
				h.must(gone(h))
				ruled(t, c.SIRO(ctx, h.by("audrey"), ref, true), "no-power")
				if waits() != 0 || stands() != 0 {
					t.Errorf("afterwards in todo %d times, stands in %d times", waits(), stands())
				}
			})
		})
	}
}

// Where a second person's word is wanted, who stands in for the first is none: not for a
// key, nor a list that goes beyond a limit, nor a pair that the guard refuses.
func TestADelegateConfirmsNothingForWhomTheyStandIn(t *testing.T) {
	both := []dars.Role{dars.Producer, dars.Compliance}
	tests := map[string]struct {
		of    string // whose role deb has
		role  dars.Role
		first func(h *house, login string)
		then  func(h *house, login string) error
	}{
		"a key": {"carol", dars.CaseOfficer,
			func(h *house, login string) {
				h.must(office.Parties{Office: h.first()}.AddKey(h.t.Context(), h.by(login), "rita", "SHA256:x", "ssh-ed25519 x"))
			},
			func(h *house, login string) error {
				return office.Parties{Office: h.first()}.ConfirmKey(h.t.Context(), h.by(login), "rita", "SHA256:x")
			}},
		"the first key of somebody": {"carol", dars.CaseOfficer,
			func(h *house, login string) {
				_, err := office.Parties{Office: h.first()}.AddPerson(h.t.Context(), h.by(login), dars.Person{Org: "RA1", Login: "rob", Roles: []dars.Role{dars.Collector}}, "SHA256:x", "ssh-ed25519 x")
				h.must(err)
			},
			func(h *house, login string) error {
				return office.Parties{Office: h.first()}.ConfirmKey(h.t.Context(), h.by(login), "rob", "SHA256:x")
			}},
		"a list": {"cleo", dars.Compliance,
			func(h *house, login string) {
				h.list("2026-03-01", 500)
				if login == "deb" { // who may load one for cleo only
					h.must(office.Parties{Office: h.first()}.Delegate(h.t.Context(), h.by("olive"), "cleo", "deb", dars.Producer, h.today, h.today))
				}
				_, err := h.load(login, "2026-03-02", 5)
				h.must(err)
			},
			func(h *house, login string) error {
				return office.Objections{Office: h.first()}.Confirm(h.t.Context(), h.by(login), 2)
			}},
	}
	for name, tt := range tests {
		for _, order := range [][]string{{tt.of, "deb"}, {"deb", tt.of}} {
			t.Run(name+", first "+order[0], func(t *testing.T) {
				each(t, func(t *testing.T, h *house) {
					h.add("cleo", dars.TheOffice, both...)
					h.add("deb", dars.TheOffice, dars.Director)
					h.must(office.Parties{Office: h.first()}.Delegate(t.Context(), h.by("olive"), tt.of, "deb", tt.role, h.today, h.today))
					tt.first(h, order[0])
					before := h.head()
					ruled(t, tt.then(h, order[1]), "same-person")
					if h.head() != before {
						t.Error("a refusal left a trace")
					}
					other := map[dars.Role]string{dars.CaseOfficer: "colin", dars.Compliance: "connie"}[tt.role]
					h.must(tt.then(h, other))
					h.sound()
				})
			})
		}
	}
}

// Compliance, to whom the SIRO has delegated, proposes to override the guard with both
// roles: who stands in for compliance is no other person.
func TestADelegateIsNoSecondWordForTheGuard(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		had := weekly(h)
		second := h.agreed(h.form())
		h.add("deb", dars.TheOffice, dars.Director)
		h.must(o.Delegate(ctx, h.by("sid"), "sid", "connie", dars.SIRO, h.today, h.today))
		h.must(o.Delegate(ctx, h.by("connie"), "connie", "deb", dars.Compliance, h.today, h.today))
		override := func(login string) error {
			_, err := office.Guard{Office: h.first()}.Override(ctx, h.by(login), second, "HES_APC", nil, string(had.ID))
			return err
		}
		h.must(override("connie"))
		ruled(t, override("deb"), "same-person")
		h.must(override("sid"))
		h.sound()
	})
}

// An operator who could give themselves a role would have them all. What an operator
// delegates compliance hears of, besides the two.
func TestAnOperatorTakesNoRole(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		before := h.head()
		ruled(t, o.Delegate(ctx, h.by("olive"), "sid", "olive", dars.SIRO, h.today, h.today), "same-person")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		h.must(o.Delegate(ctx, h.by("sid"), "sid", "olive", dars.SIRO, h.today, h.today)) // whose it is may
		h.must(o.Delegate(ctx, h.by("olive"), "sid", "audrey", dars.SIRO, h.today, h.today))
		h.must(h.first().Work(ctx, h.noon))
		for _, l := range h.works.letters("A role is delegated") {
			if strings.Contains(l.to, "connie@") != strings.Contains(l.to, "audrey@") {
				t.Errorf("it is told to %s", l.to)
			}
		}
		h.sound()
	})
}

// Who has left begins nothing more, though the session may live for a moment.
func TestWhoHasLeftActsNoMore(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		h.must(o.Leave(ctx, h.by("olive"), "colin"))
		before := h.head()
		ruled(t, o.AddOrganisation(ctx, h.by("colin"), dars.Organisation{Code: "RA9", Name: "Trust RA9", ICO: "Z1234567", Security: "DSPT"}), "left")
		ruled(t, o.RevokeKey(ctx, h.by("colin"), "rita", "SHA256:rita"), "left")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
	})
}
