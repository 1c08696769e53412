package office_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// lettersOf are the letters that are owed about something, each as whom it goes to and what it
// says.
func (h *house) lettersOf(subject string) (all []string) {
	h.t.Helper()
	for _, w := range h.owed() {
		var l struct {
			To            []dars.PersonID
			Roles         []dars.Role
			Subject, Body string
		}
		if w.What == "mail" && json.Unmarshal(w.Body, &l) == nil && strings.Contains(l.Subject, subject) {
			all = append(all, fmt.Sprintf("%v %v %s", l.To, l.Roles, l.Body))
		}
	}
	return all
}

// Whoever has made a release, or is to make it, hears that it is withdrawn; recipients
// hear it of one that lay ready for them. The office sees why.
func TestAWithdrawnReleaseIsTold(t *testing.T) {
	tests := map[string]struct {
		made func(h *house, g dars.AgreementID) dars.ReleaseID
		to   func(h *house) string
	}{
		"planned": {func(h *house, g dars.AgreementID) dars.ReleaseID {
			id, err := office.Releases{Office: h.first()}.Plan(h.t.Context(), h.by("carol"), g, "HES_APC", nil)
			h.must(err)
			return id
		}, func(*house) string { return "[] [producer]" }},
		"signed off": {func(h *house, g dars.AgreementID) dars.ReleaseID { return h.signedOff(g) },
			func(h *house) string {
				return fmt.Sprint([]dars.PersonID{h.people["pat"], h.people["chris"], h.people["sam"]}, " []")
			}},
		"published": {func(h *house, g dars.AgreementID) dars.ReleaseID { return h.published(g).ID },
			func(h *house) string {
				return fmt.Sprint([]dars.PersonID{h.people["rita"], h.people["rita"], h.people["ron"]})
			}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.contract("RA1", "2029-03-31")
				h.list("2026-03-01", 5)
				id := tt.made(h, h.agreed(h.form()))
				h.must(office.Releases{Office: h.first()}.Withdraw(t.Context(), h.by("carol"), id))
				told := h.lettersOf("withdrawn")
				if len(told) != 1 || !strings.HasPrefix(told[0], tt.to(h)+" ") {
					t.Errorf("it is told to %q, not to %s", told, tt.to(h))
				}
				if outside := name == "published"; outside != (h.dated()["release-"+string(id)+"-window"] == "gone") || outside == strings.Contains(told[0], "it was asked for") {
					t.Errorf("they are told %q", told)
				}
				if r := get[dars.Release](h, string(id)); r.Because != "it was asked for" {
					t.Errorf("the office sees it withdrawn because %q", r.Because)
				}
				h.sound()
			})
		})
	}
}

// A renewal takes back what was being made under the version before.
func TestWhatWasBeingMadeUnderTheVersionBeforeIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-03-31")
		h.list("2026-03-01", 5)
		first := h.agreed(h.form())
		id := h.signedOff(first)
		second := h.agreed(h.renewal(stemOf(first), h.today, h.today.AddMonths(24)))
		told := h.lettersOf(string(id) + ": withdrawn")
		if len(told) != 1 || !strings.Contains(told[0], string(second)+" is in force in the place of its agreement") {
			t.Errorf("they are told %q", told)
		}
	})
}

// The last day of a release may be moved while nobody may collect it; nobody is told then
// that they can.
func TestAReleaseThatIsExtendedOnHold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2029-03-31")
		h.list("2026-03-01", 5)
		r := h.published(h.agreed(h.form()))
		extended := func(until dars.Day) []string {
			h.must(office.Releases{Office: h.first()}.Extend(ctx, h.by("carol"), r.ID, until))
			return slices.DeleteFunc(h.lettersOf(string(r.ID)), func(l string) bool { return !strings.Contains(l, until.Long()) })
		}
		h.must(office.Parties{Office: h.first()}.Hold(ctx, h.by("connie"), "RA1"))
		for _, l := range extended(r.WindowEnds.Add(3)) {
			if strings.Contains(l, "can be collected for longer") || !strings.Contains(l, "It cannot be collected now") || !strings.Contains(l, "on hold") {
				t.Errorf("on hold they are told %s", l)
			}
		}
		h.must(office.Parties{Office: h.first()}.ReleaseHold(ctx, h.by("connie"), "RA1"))
		if told := extended(r.WindowEnds.Add(5)); len(told) != 2 || !strings.Contains(told[0], "can be collected for longer") {
			t.Errorf("after it they are told %q", told)
		}
	})
}

// Who has looked under the version before hears on the first day of the next one that
// access is granted anew, and is not asked to destroy; the office hears what to grant.
func TestARenewalSaysThatAccessIsGrantedAnew(t *testing.T) {
	for frequency, anew := range map[string]bool{"SYSTEM_ACCESS": true, "ONE_OFF": false} {
		t.Run(frequency, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.contract("RA1", "2029-03-31")
				first := h.watched()
				h.grant(first, "rita")
				f := h.renewal(stemOf(first), h.today, h.today.AddMonths(24))
				f.Datasets[0].Frequency = frequency
				second := h.agreed(f)
				told := h.lettersOf("is withdrawn")
				if len(told) != 1 || strings.Contains(told[0], string(second)+" has system access") != anew || strings.Contains(told[0], "Destroy what was taken out") == anew {
					t.Errorf("who had access is told %q", told)
				}
				grant := h.lettersOf("grant access to HES_APC anew")
				if (len(grant) == 1) != anew || anew && !strings.Contains(grant[0], "darsd release grant "+string(second)+" --dataset HES_APC --user LOGIN --licences 3") {
					t.Errorf("the office is told %q", grant)
				}
				h.sound()
			})
		})
	}
}
