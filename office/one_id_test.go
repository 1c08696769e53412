package office_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// One duty has one ID: what letters enter in somebody's calendar stands in the calendar
// of their folder under the same ID and on the same day, whichever ladder leads to it. A
// program that takes both moves what it has, and enters nothing twice.
func TestADutyHasOneID(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.hasYears()
		h.everyLadder()
		seen := map[string]bool{}
		for range 64 {
			h.lives(office.Clock{Office: h.both[1]}, h.today)
			h.returns()
			for _, login := range []string{"rita", "connie", "carol"} {
				h.oneID(login, seen)
			}
			if t.Failed() {
				return
			}
			h.today = h.today.Add(7)
		}
		for _, ladder := range dars.Codes(dars.LadderKinds) {
			if !seen[ladder] && !slices.Contains(elsewhere, ladder) {
				t.Errorf("no letter and no calendar have a day of the ladder %q", ladder)
			}
		}
	})
}

// elsewhere are ladders that this office does not come to: an instalment waits for no day,
// nobody is audited here or complains, and nothing is called back.
var elsewhere = []string{dars.LadderInstalment, dars.LadderAuditAnswer, dars.LadderAuditAction, dars.LadderAppeal, dars.LadderComplaint, dars.LadderRecall}

// everyLadder is an office with something at the end of each.
func (h *house) everyLadder() {
	h.t.Helper()
	ctx, o := h.t.Context(), h.first()
	h.contract("RA1", h.today.Add(435))
	h.must(office.Parties{Office: o}.RenewStanding(ctx, h.by("carol"), "RA1", dars.Standing{ICO: "Z1234567", ICOExpires: h.today.Add(100), Security: "DSPT", SecurityExpires: h.today.Add(130)}))
	h.list(h.today.Add(-1), 5)

	f := h.stating()
	f.End = h.today.Add(250)
	f.Evidence[0].Renew, f.Evidence[0].Expires = f.End, f.End.AddMonths(6)
	id := h.agreed(f)
	h.published(id)
	_, err := office.Agreements{Office: o}.Oblige(ctx, h.by("carol"), id, dars.Obligation{Stage: dars.StagePublish, Text: "send the training records", Due: h.today.Add(40)})
	h.must(err)

	for range 2 { // one is certified with a backup, the other waits for compliance
		f = h.form()
		f.End = h.today.Add(30)
		h.collect("rita", h.published(h.agreed(f)).Files[0])
	}
	f = h.form() // it is reviewed, and its contract ends before it
	f.End = h.today.Add(450)
	h.agreed(f)

	ref := h.submitted(h.form())
	_, err = office.Applications{Office: o}.AddAction(ctx, h.by("carol"), ref, string(dars.TheApplicant), h.today.Add(20), "Say how long.")
	h.must(err)
	h.must(office.Committee{Office: o}.Outcome(ctx, h.by("sue"), h.presented(h.form()), dars.WithCaveats, dars.Point{Owner: dars.TheApplicant, Due: h.today.Add(30), Blocks: dars.StagePublish, Text: "show the leaflet"}))
}

// returns is the recipient's part: certificates that were asked for come back after some
// weeks, and compliance looks at one of them.
func (h *house) returns() {
	h.t.Helper()
	for i, c := range all[dars.Certificate](h) {
		if c.State != dars.CertIssued || h.today.Since(c.Due) < 7 {
			continue
		}
		in := h.filled(c.ID, h.today.Add(60))
		if v := (office.Intake{Office: h.first()}).Take(h.t.Context(), office.At(h.people["rita"], h.noon()), in); v.Verdict != dars.VerdictWaiting {
			h.t.Fatalf("%+v", v)
		}
		if i == 0 {
			h.must(office.Deletion{Office: h.first()}.Accept(h.t.Context(), h.by("connie"), c.ID))
		}
	}
}

var ladderIn = regexp.MustCompile(`^[a-z]+-.+?-(` + strings.Join(dars.Codes(dars.LadderKinds), "|") + `)(-[a-z0-9-]+)?$`)

// oneID holds the calendar of somebody's folder against what letters have said to them.
func (h *house) oneID(login string, seen map[string]bool) {
	h.t.Helper()
	p := get[dars.Person](h, string(h.people[login]))
	shelf, err := office.Desk{Office: h.first()}.Shelf(h.t.Context(), p.ID, h.noon())
	h.must(err)
	folder := map[string]dars.Date{}
	for _, d := range shelf.Dates {
		if _, twice := folder[d.ID]; twice {
			h.t.Errorf("on %s %s has %s twice", h.today, login, d.ID)
		}
		folder[d.ID] = d
		if !p.Inside() && ladderIn.FindString(d.ID) == "" {
			h.t.Errorf("on %s the calendar of %s has %s, which no letter will ever name", h.today, login, d.ID)
		}
	}
	for id, told := range h.toldTo(p) {
		d, has := folder[id]
		switch {
		case told.Gone || told.On < h.today:
		case has && d.On != told.On:
			h.t.Errorf("on %s letters to %s say %s of %s, and the folder %s", h.today, login, told.On, id, d.On)
		case !has && !p.Inside():
			h.t.Errorf("on %s letters to %s name %s, on %s, and the folder does not: %+v", h.today, login, id, told.On, shelf.Dates)
		case has:
			seen[ladderIn.FindStringSubmatch(id)[1]] = true
		}
	}
}

// toldTo is the last word of letters to somebody on each date.
func (h *house) toldTo(p *dars.Person) map[string]dars.Date {
	h.t.Helper()
	last := map[string]dars.Date{}
	for _, w := range h.owed() {
		var l struct {
			To    []dars.PersonID
			Roles []dars.Role
			Dates []dars.Date
		}
		if w.What == "mail" {
			h.must(json.Unmarshal(w.Body, &l))
		}
		if !slices.Contains(l.To, p.ID) && !slices.ContainsFunc(l.Roles, func(r dars.Role) bool { return p.Has(r) }) {
			continue
		}
		for _, d := range l.Dates {
			if was, known := last[d.ID]; !known || was.Sequence < d.Sequence {
				last[d.ID] = d
			}
		}
	}
	return last
}
