package dars_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// point is one point of a certificate, without its words.
func point(m dars.Mistake) string { return m.Field + " " + m.Rule }

func points(c *dars.Certificate) (all []string) {
	for _, m := range c.Points {
		all = append(all, point(m))
	}
	return all
}

// Each form is wrong in one thing, and is queried for that and nothing else.
func TestPointsOfACertificate(t *testing.T) {
	item := func(spoil func(*dars.Destruction)) func(*dars.CertificateForm) {
		return func(f *dars.CertificateForm) { spoil(&f.Items[0]) }
	}
	signed := func(spoil func(*dars.Declaration)) func(*dars.CertificateForm) {
		return func(f *dars.CertificateForm) { spoil(&f.Signed) }
	}
	tests := map[string]struct {
		spoil func(*dars.CertificateForm)
		want  string // the points, with a comma between
		says  string
	}{
		"as it should be":                       {func(*dars.CertificateForm) {}, "", ""},
		"destroyed on the day it says":          {item(func(d *dars.Destruction) { d.DestroyedOn = "2026-03-02" }), "", ""},
		"destroyed on the day of the last byte": {item(func(d *dars.Destruction) { d.DestroyedOn = "2026-02-20" }), "", ""},
		"a backup that lives on":                {item(func(d *dars.Destruction) { d.Method, d.BackupUntil = "LIVE_SYSTEM_DELETE", "2026-06-01" }), "", ""},
		"no medium where none is needed":        {item(func(d *dars.Destruction) { d.Medium, d.Method = "", "CRYPTO_ERASE" }), "", ""},
		"somebody else did this one":            {func(f *dars.CertificateForm) { f.Items[0].By, f.Signed.PerformedBy = "Olu Other", "" }, "", ""},
		"a further copy": {func(f *dars.CertificateForm) {
			f.Items = append(f.Items, dars.Destruction{File: "FILE0000001", Holder: "RA1", Copy: "paper", Medium: "PAPER", Method: "PULP", DestroyedOn: "2026-03-01"})
		}, "", ""},
		"a line left open beside one that is not": {func(f *dars.CertificateForm) {
			f.Items = append(f.Items, dars.Destruction{File: "FILE0000001", Holder: "RA1"})
		}, "", ""},
		"said for all": {func(f *dars.CertificateForm) {
			f.All, f.Items = []dars.Destruction{{Medium: "TAPE", Method: "DEGAUSS", DestroyedOn: "2026-03-01"}}, nil
		}, "", ""},
		"said for all of the holder, and the line is there": {func(f *dars.CertificateForm) {
			f.All, f.Items = []dars.Destruction{{Holder: "RA1", Medium: "TAPE", Method: "DEGAUSS", DestroyedOn: "2026-03-01"}}, []dars.Destruction{{File: "FILE0000001", Holder: "RA1"}}
		}, "", ""},

		"nothing is said":       {func(f *dars.CertificateForm) { f.Items = nil }, "items not-covered", "FILE0000001 at RA1 is not accounted for"},
		"the line is left open": {func(f *dars.CertificateForm) { f.Items[0] = dars.Destruction{File: "FILE0000001", Holder: "RA1"} }, "items[0].destroyed_on not-covered", "say how and when"},
		"a further copy left open": {func(f *dars.CertificateForm) {
			f.Items = append(f.Items, dars.Destruction{File: "FILE0000001", Holder: "RA1", Copy: "laptop"})
		}, "items[1].destroyed_on not-covered", "FILE0000001 at RA1 (laptop)"},
		"said for all of another": {func(f *dars.CertificateForm) {
			f.All, f.Items = []dars.Destruction{{Holder: "RA2", Method: "CRYPTO_ERASE", DestroyedOn: "2026-03-01"}}, nil
		}, "all[0].holder unknown-holder,items not-covered", "RA2 is no holder: they are RA1"},
		"a file said for all":           {func(f *dars.CertificateForm) { f.All = []dars.Destruction{{File: "FILE0000001"}} }, "all[0].file bad-form", "names no file"},
		"a file that was never sent":    {func(f *dars.CertificateForm) { f.Items[0].File = "FILE0000002" }, "items[0].file unknown-file,items not-covered", "it lists FILE0000001"},
		"a holder who is none":          {func(f *dars.CertificateForm) { f.Items[0].Holder = "RA2" }, "items[0].holder unknown-holder,items not-covered", "they are RA1"},
		"a copy that is none":           {item(func(d *dars.Destruction) { d.Copy = "lptop" }), "items[0].copy unknown-code,items not-covered", "did you mean laptop?"},
		"a medium that is none":         {item(func(d *dars.Destruction) { d.Medium = "DISK" }), "items[0].medium unknown-code", "HDD, SSD"},
		"a method that is none":         {item(func(d *dars.Destruction) { d.Method = "DEGAUS" }), "items[0].method unknown-code", "did you mean DEGAUSS?"},
		"no method":                     {item(func(d *dars.Destruction) { d.Method = "" }), "items[0].method bad-form", "say how it was destroyed"},
		"no medium":                     {item(func(d *dars.Destruction) { d.Medium = "" }), "items[0].medium no-medium", "say what it lay on"},
		"a degaussed solid-state drive": {item(func(d *dars.Destruction) { d.Medium, d.Method = "SSD", "DEGAUSS" }), "items[0].method impossible-method", "DEGAUSS does not destroy data on SSD: what does is CLEAR_SECURE_ERASE"},
		"a pulped disk":                 {item(func(d *dars.Destruction) { d.Method = "PULP" }), "items[0].method impossible-method", "PULP does not destroy data on HDD"},
		"overwritten paper": {item(func(d *dars.Destruction) {
			d.Copy, d.Medium, d.Method = "paper", "PAPER", "CLEAR_OVERWRITE_IS5_ENHANCED"
		}), "items[0].method impossible-method,items not-covered", "SHRED"},
		"a file that lay on paper": {item(func(d *dars.Destruction) { d.Medium, d.Method = "PAPER", "PULP" }), "items[0].medium impossible-medium", "it was sent as a file"},
		"a paper that lay on a disk": {func(f *dars.CertificateForm) {
			f.Items = append(f.Items, dars.Destruction{File: "FILE0000001", Holder: "RA1", Copy: "paper", Medium: "HDD", Method: "SHRED", DestroyedOn: "2026-03-01"})
		}, "items[1].medium impossible-medium", "a copy on paper has the medium PAPER"},
		"a backup for ten years":           {item(func(d *dars.Destruction) { d.BackupUntil = "2036-03-01" }), "", ""},
		"a backup for more than ten years": {item(func(d *dars.Destruction) { d.BackupUntil = "2036-03-02" }), "items[0].backup_until impossible-date", "more than 10 years"},
		"the same line twice":              {func(f *dars.CertificateForm) { f.Items = append(f.Items, f.Items[0]) }, "", ""},
		"two different answers for one copy": {func(f *dars.CertificateForm) {
			f.Items = append(f.Items, dars.Destruction{File: "FILE0000001", Holder: "RA1", Medium: "SSD", Method: "SHRED", DestroyedOn: "2026-03-02"})
		}, "items[1] contradiction", "there are two answers"},
		"no day":                       {item(func(d *dars.Destruction) { d.DestroyedOn = "" }), "items[0].destroyed_on bad-form", "on which day"},
		"a date that is none":          {item(func(d *dars.Destruction) { d.DestroyedOn = "1 March" }), "items[0].destroyed_on bad-form", `"1 March" is not a date`},
		"a date to come":               {item(func(d *dars.Destruction) { d.DestroyedOn = "2026-03-03" }), "items[0].destroyed_on impossible-date", "is in the future"},
		"destroyed before it was sent": {item(func(d *dars.Destruction) { d.DestroyedOn = "2026-02-19" }), "items[0].destroyed_on impossible-date", "some of it was sent on 2026-02-20"},
		"destroyed before it was made": {item(func(d *dars.Destruction) { d.DestroyedOn = "2026-01-09" }), "items[0].destroyed_on impossible-date", "before it was made, on 2026-01-10"},
		"a backup of no date":          {item(func(d *dars.Destruction) { d.BackupUntil = "summer" }), "items[0].backup_until bad-form", "not a date"},
		"a backup that ended before":   {item(func(d *dars.Destruction) { d.BackupUntil = "2026-02-28" }), "items[0].backup_until impossible-date", "before destroyed_on"},
		"removed from live systems, and no word on backups": {item(func(d *dars.Destruction) { d.Method = "LIVE_SYSTEM_DELETE" }), "items[0].backup_until no-backup-day", "say when the last backup goes"},
		"kept under nothing": {func(f *dars.CertificateForm) {
			f.Items[0] = dars.Destruction{File: "FILE0000001", Holder: "RA1", HeldUnder: "DARS-NIC-000001-B1C2D-v2.0"}
		}, "items[0].held_under not-held", "it is to be destroyed"},
		"kept, and destroyed":            {item(func(d *dars.Destruction) { d.HeldUnder = "DARS-NIC-000001-B1C2D-v2.0" }), "items[0].held_under contradiction", "it is kept, or it is destroyed"},
		"the one who signs did this one": {item(func(d *dars.Destruction) { d.By = "recipient, rita" }), "items[0].by same-person", "whoever destroyed"},

		"in the words of a paper": {func(f *dars.CertificateForm) {
			f.Called = map[string]string{"signed.performed_by": "the first name", "signed.name": "the second name"}
			f.Signed.PerformedBy = f.Signed.Name
		}, "the first name same-person", "the one who signs in the second name"},
		"that does not declare it":      {signed(func(s *dars.Declaration) { s.Destroyed = false }), "signed.no_copy_remains not-declared", "must be true"},
		"without a name":                {signed(func(s *dars.Declaration) { s.Name = " " }), "signed.name not-signed", "is empty"},
		"without a post":                {signed(func(s *dars.Declaration) { s.Post = "" }), "signed.post not-signed", "is empty"},
		"nobody performed it":           {signed(func(s *dars.Declaration) { s.PerformedBy = "" }), "signed.performed_by not-signed", "say who destroyed the data"},
		"the same person twice":         {signed(func(s *dars.Declaration) { s.PerformedBy = s.Name }), "signed.performed_by same-person", "have another sign"},
		"the same person with a title":  {signed(func(s *dars.Declaration) { s.PerformedBy = "Dr. RECIPIENT, Rita" }), "signed.performed_by same-person", "have another sign"},
		"data is kept":                  {signed(func(s *dars.Declaration) { s.Kept = "One copy stays on a laptop" }), "signed.kept data-kept", "held_under"},
		"performed on no day":           {signed(func(s *dars.Declaration) { s.PerformedOn = "8/3" }), "signed.performed_on bad-form", "not a date"},
		"performed tomorrow":            {signed(func(s *dars.Declaration) { s.PerformedOn = "2026-03-03" }), "signed.performed_on impossible-date", "in the future"},
		"a patient's number in media":   {signed(func(s *dars.Declaration) { s.Media = "999 123 4217" }), "signed.media patient-number", "NHS number"},
		"a witness of themselves":       {signed(func(s *dars.Declaration) { s.Witness = s.PerformedBy }), "signed.witness same-person", "cannot also be the witness"},
		"a signer who is the witness":   {signed(func(s *dars.Declaration) { s.Witness = "R. Recipient" }), "signed.witness same-person", "the witness cannot also be the one who signs"},
		"half a witness":                {signed(func(s *dars.Declaration) { s.Witness = "Wanda" }), "signed.witness half-a-name", "say the full name"},
		"half a name for one file":      {item(func(d *dars.Destruction) { d.By = "Olu" }), "items[0].by half-a-name", "say the full name"},
		"a patient's number for a post": {signed(func(s *dars.Declaration) { s.Post = "999 123 4217" }), "signed.post patient-number", "NHS number"},
		"signed on no day":              {signed(func(s *dars.Declaration) { s.Date = "" }), "signed.date bad-form", "not a date"},
		"signed tomorrow":               {signed(func(s *dars.Declaration) { s.Date = "2026-03-03" }), "signed.date impossible-date", "in the future"},
		"signed before it was done":     {func(f *dars.CertificateForm) { f.Items[0].DestroyedOn, f.Signed.Date = "2026-03-02", "2026-03-01" }, "signed.date impossible-date", "before the last destruction"},
		"signed before it was issued":   {signed(func(s *dars.Declaration) { s.Date = "2026-02-28" }), "signed.date impossible-date", "before the certificate was issued"},

		"all that the field knows": {func(f *dars.CertificateForm) {
			f.Items[0].Medium, f.Items[0].Method, f.Items[0].DestroyedOn = "SSD", "DEGAUSS", "2026-02-01"
			f.Signed.PerformedBy = "rita recipient"
		}, "items[0].method impossible-method,items[0].destroyed_on impossible-date,signed.performed_by same-person", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, form := issued(), filledIn()
			tt.spoil(&form)
			ruled(t, c.Receive(by("P-000009"), form, "2026-03-02", nil), "")
			if got := strings.Join(points(c), ","); got != tt.want {
				t.Errorf("the points are %s\nwant %s", got, tt.want)
			}
			if !strings.Contains(fmt.Sprint(c.Points), tt.says) {
				t.Errorf("%v does not say %q", c.Points, tt.says)
			}
			if strings.Contains(facts(t, c), "4217") {
				t.Error("a patient's number is kept")
			}
			if c.From != "P-000009" || c.Received != "2026-03-02" || c.State != dars.CertReceived {
				t.Errorf("it is %+v", c)
			}
			if len(c.Points) == 0 {
				ruled(t, c.Accept(by("P-000001"), "2026-03-02", nil), "")
			} else {
				ruled(t, c.Accept(by("P-000001"), "2026-03-02", nil), "certificate-gaps")
			}
		})
	}
}

func TestACertificateOfAnotherAgreementIsRefused(t *testing.T) {
	for _, other := range []dars.AgreementID{"", "DARS-NIC-000002-B1C2D-v1.0"} {
		c, form := issued(), filledIn()
		form.Agreement = other
		was := facts(t, c)
		ruled(t, c.Receive(by("P-000009"), form, "2026-03-02", nil), "certificate-wrong")
		if got := facts(t, c); got != was {
			t.Errorf("a refusal left a trace: %s", got)
		}
	}
}

// Points stand in the order of the sender's lines, each with its own.
func TestPointsHaveLines(t *testing.T) {
	c, form := issued(), filledIn()
	form.Items[0].Method, form.Signed.Post = "PULP", ""
	form.Lines = map[string]int{"": 1, "signed": 3, "signed.post": 5, "items": 10, "items[0]": 11, "items[0].method": 12}
	ruled(t, c.Receive(by("P-000009"), form, "2026-03-02", nil), "")
	if len(c.Points) != 2 || c.Points[0].Line != 5 || c.Points[1].Line != 12 {
		t.Errorf("the points are %v", c.Points)
	}
}

func TestWhatIsKeptUnderALaterVersion(t *testing.T) {
	const later = "DARS-NIC-000001-B1C2D-v2.0"
	held := []dars.Holding{{File: "FILE0000001", Under: later, Releases: []dars.ReleaseID{"REL-000009"}, Holders: []dars.OrgCode{"RA1"}}}
	for name, tt := range map[string]struct {
		under, holder string
		held          []dars.Holding
		want          string
	}{
		"under the agreement":          {later, "RA1", held, ""},
		"under a release of it":        {"REL-000009", "RA1", held, ""},
		"under another agreement":      {"DARS-NIC-000001-B1C2D-v3.0", "RA1", held, "items[0].held_under not-held"},
		"under another release":        {"REL-000008", "RA1", held, "items[0].held_under not-held"},
		"by one who left with it":      {later, "RA2", held, "items[0].held_under not-held"},
		"no later version is there":    {later, "RA1", nil, "items[0].held_under not-held"},
		"a reference that is a threat": {"DARS-NIC-\x1b[2J", "RA1", held, "items[0].held_under not-held"},
	} {
		t.Run(name, func(t *testing.T) {
			c, form := issued(), filledIn()
			c.Holders = []dars.OrgCode{dars.OrgCode(tt.holder)}
			form.Items = []dars.Destruction{{File: "FILE0000001", Holder: dars.OrgCode(tt.holder), HeldUnder: tt.under}}
			form.Signed.PerformedBy = "" // nobody destroyed anything
			ruled(t, c.Receive(by("P-000009"), form, "2026-03-02", tt.held), "")
			if got := strings.Join(points(c), ","); strings.TrimSuffix(got, ",signed.performed_by not-signed") != tt.want {
				t.Fatalf("the points are %s, want %s", got, tt.want)
			}
			if tt.want != "" {
				return
			}
			was := facts(t, c)
			ruled(t, c.Accept(by("P-000001"), "2026-03-03", nil), "not-held") // it has ended meanwhile
			if facts(t, c) != was {
				t.Error("a refusal left a trace")
			}
			ruled(t, c.Accept(by("P-000001"), "2026-03-03", tt.held), "")
			if kept := c.KeptUnder(later); len(kept) != 1 || len(c.KeptUnder("another")) != 0 {
				t.Errorf("kept are %+v", kept)
			}
		})
	}
}

// The tables of media and methods speak of each other's codes, and of all of them.
func TestMethodsOfMedia(t *testing.T) {
	used := map[string]bool{}
	for _, m := range dars.Media {
		if len(dars.MethodsFor[m.Code]) == 0 {
			t.Errorf("nothing destroys data on %s", m.Code)
		}
		for _, method := range dars.MethodsFor[m.Code] {
			used[method] = true
		}
	}
	if len(dars.MethodsFor) != len(dars.Media) || len(used) != len(dars.Methods) {
		t.Errorf("%d media of %d, %d methods of %d", len(dars.MethodsFor), len(dars.Media), len(used), len(dars.Methods))
	}
	for _, m := range dars.Methods {
		if !used[m.Code] {
			t.Errorf("%s destroys nothing", m.Code)
		}
	}
	// What the field says cannot be (domain 16).
	for _, never := range []string{"SSD DEGAUSS", "OPTICAL_ONCE DEGAUSS", "OPTICAL_REWRITABLE DEGAUSS", "PAPER DEGAUSS", "OPTICAL_ONCE CLEAR_OVERWRITE_IS5_ENHANCED",
		"PAPER CLEAR_OVERWRITE_IS5_ENHANCED", "SSD CLEAR_OVERWRITE_IS5_ENHANCED", "CLOUD SHRED", "VIRTUAL INCINERATE"} {
		medium, method, _ := strings.Cut(never, " ")
		if slices.Contains(dars.MethodsFor[medium], method) {
			t.Errorf("%s is allowed on %s", method, medium)
		}
	}
	for _, m := range dars.Media {
		if m.Code != "PAPER" && slices.Contains(dars.MethodsFor[m.Code], "PULP") {
			t.Errorf("%s is pulped", m.Code)
		}
	}
}

// Forms filled in at random, judged again by counting copy by copy: what is not
// covered, and what is impossible, is what the points say, and no more.
func TestPointsAgainstCounting(t *testing.T) {
	dice := rand.New(rand.NewPCG(12, 4))
	days := []dars.Day{"", "2026-01-15", "2026-02-10", "2026-02-25", "2026-03-02", "2026-03-09"}
	pick := func(codes []dars.Code) string { return codes[dice.IntN(len(codes))].Code }
	for range 3000 {
		c := issued()
		c.Files, c.Holders = nil, []dars.OrgCode{"RA1", "RA2", "RA3"}[:1+dice.IntN(3)]
		for n := range 1 + dice.IntN(4) {
			c.Files = append(c.Files, dars.SentFile{File: dars.FileID(fmt.Sprintf("FILE%07d", n+1)), Made: "2026-01-10",
				Sent: []dars.SentTo{{Person: "P-000005", Org: "RA1", Bytes: 1, Last: "2026-02-01"}, {Person: "P-000006", Org: "RA2", Bytes: 1, Last: "2026-02-20"}}})
		}
		form := filledIn()
		form.Items = nil
		say := func(d dars.Destruction) dars.Destruction {
			d.Medium, d.Method, d.DestroyedOn, d.BackupUntil = pick(dars.Media), pick(dars.Methods), days[1+dice.IntN(len(days)-1)], "2026-06-01"
			return d
		}
		for _, h := range c.Holders {
			if dice.IntN(3) == 0 {
				form.All = append(form.All, say(dars.Destruction{Holder: h}))
			}
		}
		for _, e := range c.Expected() {
			switch dice.IntN(4) {
			case 0:
				form.Items = append(form.Items, say(e))
			case 1:
				form.Items = append(form.Items, e)
			}
		}
		form.Signed.Date = "2026-03-09"
		ruled(t, c.Receive(by("P-000009"), form, "2026-03-09", nil), "")

		missing, impossible := map[string]bool{}, map[string]bool{}
		for _, e := range c.Expected() {
			var said *dars.Destruction
			for _, i := range form.Items {
				if i.File == e.File && i.Holder == e.Holder && i.Method != "" {
					said = &i
				}
			}
			if said == nil {
				for _, every := range form.All {
					if every.Holder == e.Holder {
						said = &every
					}
				}
			}
			name := fmt.Sprintf("%s at %s", e.File, e.Holder)
			sent := map[dars.OrgCode]dars.Day{"RA1": "2026-02-01", "RA2": "2026-02-20", "RA3": "2026-02-01"}[e.Holder]
			switch {
			case said == nil:
				missing[name] = true
			case said.Medium == "PAPER", !slices.Contains(dars.MethodsFor[said.Medium], said.Method), said.DestroyedOn < sent, said.DestroyedOn > "2026-03-09":
				impossible[name] = true
			}
		}
		for _, m := range c.Points {
			name := m.Says[:min(len(m.Says), len("FILE0000001 at RA1"))]
			switch m.Rule {
			case "not-covered":
				if !missing[name] {
					t.Fatalf("%v, and it is covered: %+v", m, form)
				}
			case "impossible-medium", "impossible-method", "impossible-date":
				if !impossible[name] {
					t.Fatalf("%v, and it is possible: %+v", m, form)
				}
			default:
				t.Fatalf("%v: %+v", m, form)
			}
		}
		told := fmt.Sprint(c.Points)
		left := c.Missing()
		for name := range missing {
			if !strings.Contains(told, name+" is not accounted for") || !slices.Contains(left, name) {
				t.Fatalf("%s is missing, and nobody says so: %s", name, told)
			}
		}
		for name := range impossible {
			if !strings.Contains(told, name+": ") || !slices.Contains(left, name) {
				t.Fatalf("%s is impossible, and nobody says so: %s", name, told)
			}
		}
		if len(left) != len(missing)+len(impossible) {
			t.Fatalf("not covered are %v, want %v and %v", left, missing, impossible)
		}
	}
}

// A form made to weigh down the office is told of at some length, and no further.
func TestPointsHaveAnEnd(t *testing.T) {
	c, form := issued(), filledIn()
	for n := range 20_000 {
		form.Items = append(form.Items, dars.Destruction{File: dars.FileID(fmt.Sprintf("FILE%07d", n+100)), Holder: "RA1", Method: "SHRED"})
	}
	ruled(t, c.Receive(by("P-000009"), form, "2026-03-02", nil), "")
	if n := len(c.Points); n != 3001 || c.Points[n-1].Says != "and 17000 points more" || len(c.Items) != 1 {
		t.Errorf("%d points, the last %v, and %d items", n, c.Points[n-1], len(c.Items))
	}
}
