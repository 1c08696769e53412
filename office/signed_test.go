package office_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A controller that signs digitally has signed; nobody needs to have seen it.
func TestSignedDigitally(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		h.contract("RA2", "2028-03-31")
		f := h.form()
		f.Controllers = []dars.OrgCode{"RA1", "RA2"}
		id := h.issued(f)
		h.must(h.first().Work(t.Context(), h.noon))
		take := func(o *office.Office, text string) dars.Verdict {
			return office.Intake{Office: o}.Take(t.Context(), office.At(dars.ByFolder, h.noon()), paper("signed-agreements", "signed.pdf", text))
		}
		issued := fmt.Sprint("agreement ", id)
		for name, tt := range map[string]struct{ text, rule, says string }{
			"altered, and validly signed": {strings.Replace(issued, "agreement", "agreemenT", 1) + "\nsigned digitally by RA1", "not-as-issued", "does not begin with a paper exactly as"},
			"another kind of paper":       {"contract " + string(id) + "\nsigned digitally by RA1", "not-as-issued", "sign that, save it"},
			"more than signatures":        {issued + "\nsigned digitally by ", "bad-signature", "something was added that is no signature"},
			"of somebody else":            {issued + "\nsigned digitally by RA9", "not-a-party", "RA9, which is none of those"},
		} {
			before := h.head()
			v := take(h.first(), tt.text)
			if v.Verdict != dars.VerdictRejected || v.Code != tt.rule || !strings.Contains(v.Reason, tt.says) {
				t.Errorf("%s: %+v", name, v)
			}
			if g := get[dars.Agreement](h, string(id)); g.Copy != nil || len(g.Unsigned()) != 2 || h.head() != before+1 {
				t.Errorf("%s: it left a trace beside its verdict: %+v", name, g)
			}
		}
		h.race(6, "", func(_ int, o *office.Office) error {
			if v := take(o, issued+"\nsigned digitally by RA2"); v.Verdict != dars.VerdictAccepted || len(v.Signatures) != 1 || !strings.Contains(v.Reason, "waits for the signature of RA1") {
				t.Errorf("signed by one of two: %+v", v)
			}
			return nil
		})
		g := get[dars.Agreement](h, string(id))
		if g.State != dars.AgreementIssued || len(g.Unsigned()) != 1 || g.Controllers[1].Certificate != "c-RA2" || len(all[dars.Paper](h, dars.By("kind", "signed-copy"))) != 1 {
			t.Errorf("signed by one of two: %+v", g)
		}
		if v := take(h.first(), issued+"\nsigned digitally by RA2 "); v.Code != "known" {
			t.Errorf("signed once more by the same: %+v", v)
		}
		last := issued + "\nsigned digitally by RA2 RA1"
		if v := take(h.both[1], last); v.Verdict != dars.VerdictAccepted || len(v.Signatures) != 2 {
			t.Errorf("signed by both: %+v", v)
		}
		if g := get[dars.Agreement](h, string(id)); g.State != dars.AgreementSigned || len(g.ConfirmedBy) != 0 {
			t.Errorf("signed by both: %+v", g)
		}
		before := h.head()
		if v := take(h.first(), last); v.Verdict != dars.VerdictAccepted || h.head() != before {
			t.Errorf("the same paper again: %+v", v)
		}
		h.must(office.Agreements{Office: h.first()}.Countersign(t.Context(), h.by("nora"), id))
		h.sound()
	})
}

func TestAContractSignedDigitally(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := office.Parties{Office: h.first()}
		id, err := o.IssueContract(t.Context(), h.by("carol"), "RA1", h.today, "2028-03-31")
		h.must(err)
		h.must(h.first().Work(t.Context(), h.noon))
		in := paper("submit", "contract.pdf", fmt.Sprint("contract ", id, "\nsigned digitally by RA1"))
		for login, want := range map[string]string{"ravi": "wrong-organisation", "rita": ""} {
			v := office.Intake{Office: h.first()}.Take(t.Context(), office.At(h.people[login], h.noon()), in)
			if (v.Verdict == dars.VerdictAccepted) != (want == "") {
				t.Errorf("%s: %+v", login, v)
			}
		}
		if c := get[dars.Contract](h, string(id)); c.State != dars.ContractSigned || c.Certificate != "c-RA1" {
			t.Errorf("%+v", c)
		}
		h.must(o.CountersignContract(t.Context(), h.by("nora"), id))
		h.sound()
	})
}

// What a scanner finds is turned away before anybody reads it; while it is away nothing
// is taken in, and it is asked again.
func TestScannerLooksFirst(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var read scanning
		for _, o := range h.both {
			o.Works.Scan = read.scan
		}
		in := paper("objections", "objections-2026-03-01.txt", strings.Repeat("9434765919\n", 5))
		a := office.At(dars.ByFolder, h.noon())
		before := h.head()
		read.away = true
		if v := (office.Intake{Office: h.first()}).Take(t.Context(), a, in); v.Verdict != "" || h.head() != before {
			t.Errorf("the scanner is away: %+v", v)
		}
		read.away, read.finds = false, "Eicar-Test-Signature"
		v := office.Intake{Office: h.first()}.Take(t.Context(), a, in)
		if v.Verdict != dars.VerdictRejected || v.Code != "infected" || !strings.Contains(v.Reason, "Eicar-Test-Signature") || len(all[dars.List](h)) != 0 {
			t.Errorf("infected: %+v", v)
		}
		read.finds = ""
		if v := (office.Intake{Office: h.first()}).Take(t.Context(), a, in); v.Verdict != dars.VerdictAccepted {
			t.Errorf("clean: %+v", v)
		}
		h.sound()
	})
}

// scanning is a scanner that finds what it is told to.
type scanning struct {
	away  bool
	finds string
}

func (s *scanning) scan(_ context.Context, content io.Reader) (string, error) {
	if s.away {
		return "", errors.New("the scanner is away")
	}
	_, err := io.Copy(io.Discard, content)
	return s.finds, err
}
