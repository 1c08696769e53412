package office_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A report of a period tells what happened in it, and nothing of before or after; one of
// how things stood has none.
func TestAReportOfAPeriod(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		first := h.today
		for range 3 { // on the first days of March, April and May
			h.refuse("pat", 2)
			h.today = h.today.AddMonths(1)
		}
		figures := func(kind string, from, on dars.Day) (dars.Figures, error) {
			return office.Desk{Office: h.first()}.Figures(ctx, h.by("connie"), kind, from, on)
		}
		for name, s := range map[string]struct {
			from, on dars.Day
			fact     string
			months   int
		}{
			"a year, if none is named": {"", "2026-05-31", "6, of which 0 at the sign-in", 12},
			"its own year":             {"2025-06-01", "2026-05-31", "6, of which 0 at the sign-in", 12},
			"two months":               {first.Add(1), "2026-05-01", "2, of which 0 at the sign-in", 3},
			"one month":                {"2026-04-01", "2026-04-30", "2, of which 0 at the sign-in", 1},
			"a day":                    {first, first, "2, of which 0 at the sign-in", 1},
			"the day after":            {first.Add(1), first.Add(1), "0, of which 0 at the sign-in", 1},
			"five years":               {"2021-06-01", "2026-05-31", "6, of which 0 at the sign-in", 36},
		} {
			h.today = "2026-06-01"
			f, err := figures("refused", s.from, s.on)
			h.must(err)
			counted := 0
			for _, p := range f.Charts[0].Points {
				counted += p.Values[0]
			}
			if f.Facts[0].Says != s.fact || len(f.Charts[0].Points) != s.months || s.fact[:1] != fmt.Sprint(counted) {
				t.Errorf("%s: it says %q, and the chart %d in %d months", name, f.Facts[0].Says, counted, len(f.Charts[0].Points))
			}
			h.files(f) // it can be written
		}
		_, err := figures("refused", "2026-05-02", "2026-05-01")
		ruled(t, err, "no-period")
		_, err = figures("expiry", "2026-04-01", "2026-05-01")
		ruled(t, err, "no-period")
	})
}

// An order of a month's refusals tells of that month, and is delivered beside that of the
// year under a name of its own.
func TestAnOrderWithItsOwnPeriod(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, o := range h.both {
			o.Orders = []dars.ReportOrder{{Kind: "refused", Every: dars.Monthly, Formats: []string{"json"}}, {Kind: "refused", Every: dars.Monthly, Formats: []string{"json"}, Period: "month", To: []dars.Role{dars.Compliance}}}
		}
		h.today = "2026-04-01"
		if done := h.deliver(); len(done) != 2 {
			t.Fatalf("it has made %q", done)
		}
		for _, name := range []string{"refused-as-at-2026-03-31.json", "refused-from-2026-03-01-as-at-2026-03-31.json"} {
			if !slices.Contains(h.works.reports, name) {
				t.Errorf("there is no %s: %q", name, h.works.reports)
			}
		}
		if m := h.works.letters("as at 31 March 2026"); len(m) != 1 || !slices.Contains(all[dars.Report](h, dars.By("name", "refused monthly of the month"))[0].Ordered.Formats, "json") {
			t.Errorf("it is told %v", m)
		}
	})
}

// An erasure takes words out of what was reported, and nothing else: a report for a day
// before it says what it said then, with a number in the place of a name, however much
// has happened since; and again when somebody else is erased who is named beside them.
func TestAReportOfADayBeforeAnErasure(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		o := office.Audits{Office: h.first()}
		u, err := o.Open(ctx, h.by("audrey"), "RA1", h.joint().Agreement, "ROUTINE")
		h.must(err)
		h.must(o.Notify(ctx, h.by("audrey"), u, []string{"ACCESS"}, h.today, h.today.Add(2)))
		add := func(login, name string) string {
			id, err := office.Parties{Office: h.first()}.AddPerson(ctx, h.by("carol"), dars.Person{Org: "RA1", Login: login, Name: name, Email: login + "@example.org", Roles: []dars.Role{dars.Applicant}}, "SHA256:"+login, "ssh-ed25519 "+login)
			h.must(err)
			return string(id)
		}
		petra, quentin := add("petra", "Petra Quillfeather"), add("quentin", "Quentin Yarrowby")
		_, _, err = o.Find(ctx, h.by("audrey"), u, dars.AuditFinding{Class: "AGREEMENT", Area: "ACCESS", Text: "Petra Quillfeather and Quentin Yarrowby share one login"}, "")
		h.must(err)
		day := h.today
		then := map[string]string{}
		for _, k := range dars.FigureKinds() {
			then[k.Code] = h.text(h.figures(k.Code, day))
		}
		if !strings.Contains(then["audits"], "Petra Quillfeather and Quentin Yarrowby share") {
			t.Fatalf("the report of audits says %s", then["audits"])
		}
		h.today = h.today.Add(40)
		h.must(o.Report(ctx, h.by("audrey"), u, "HIGH", "a login is shared"))
		if h.text(h.figures("audits", h.today)) == then["audits"] {
			t.Fatal("nothing has happened since")
		}
		for _, who := range []struct{ login, name, id string }{{"petra", "Petra Quillfeather", petra}, {"quentin", "Quentin Yarrowby", quentin}} {
			h.must(office.Parties{Office: h.first()}.Leave(ctx, h.by("carol"), who.login))
			h.must(errorOf(office.Parties{Office: h.first()}.Erase(ctx, h.by("connie"), who.login, office.Decided{})))
			for _, k := range dars.FigureKinds() {
				if then[k.Code] = strings.ReplaceAll(then[k.Code], who.name, who.id); h.text(h.figures(k.Code, day)) != then[k.Code] {
					t.Errorf("after the erasure of %s %s says\n%s\nand had said\n%s", who.login, k.Code, h.text(h.figures(k.Code, day)), then[k.Code])
				}
			}
		}
		h.sound()
	})
}

// text is a report as programs read it.
func (h *house) text(f dars.Figures) string {
	h.t.Helper()
	text, err := h.first().Written(f, "json")
	h.must(err)
	return string(text)
}
