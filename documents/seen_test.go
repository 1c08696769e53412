package documents

import (
	"fmt"
	"strings"
	"testing"
)

// What is seen of a field is compared with what it holds.
func TestShown(t *testing.T) {
	drawing := func(drawn string) string {
		return fmt.Sprintf("/AP <</N %%next 0 R>>>>\x00<</Subtype /Form /BBox [0 0 9 9] /Resources <</Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>>>>> /Length %d>>\nstream\n%s\nendstream", len(drawn), drawn)
	}
	tests := map[string]struct {
		value, look string
		want        Shown
	}{
		"the same":             {"destroyed", drawing("BT /F 9 Tf (destroyed) Tj ET"), ShownAsStored},
		"on two lines":         {"all of it", drawing("BT /F 9 Tf (all) Tj 0 -9 Td (of it) Tj ET"), ShownAsStored},
		"other words":          {"kept", drawing("BT /F 9 Tf (destroyed) Tj ET"), ShownOtherwise},
		"nothing is seen":      {"kept", drawing("/Tx BMC EMC"), ShownOtherwise},
		"seen and not stored":  {"", drawing("BT /F 9 Tf (destroyed) Tj ET"), ShownOtherwise},
		"a picture":            {"kept", drawing("0 0 m 9 9 l S"), ShownUnknown},
		"left to the viewer":   {"kept", ">>", ShownUnknown},
		"empty and left to it": {"", ">>", ShownAsStored},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			look, second, _ := strings.Cut(tt.look, "\x00")
			objects := []string{"<</FT /Tx /T (a) /V (" + tt.value + ") " + look}
			if second != "" {
				objects = append(objects, second)
			}
			r, err := parse(formWith(t, objects...), asking{})
			if err != nil || len(r.Answers) != 1 {
				t.Fatalf("it says %+v, %v", r.Answers, err)
			}
			if got := r.Answers[0].Shown; got != tt.want {
				t.Errorf("shown is %q, want %q", got, tt.want)
			}
		})
	}
}

// formWith is a form with one field, and the drawing that %next stands for.
func formWith(t testing.TB, objects ...string) []byte {
	t.Helper()
	first := formOf(t, "<</Fields [%d 0 R]>>", objects[0])
	f, err := apart(first)
	if err != nil {
		t.Fatal(err)
	}
	field := len(f.objects) - 1
	return formOf(t, "<</Fields [%d 0 R]>>", append([]string{strings.ReplaceAll(objects[0], "%next", fmt.Sprint(field+1))}, objects[1:]...)...)
}

// A value is not longer than its field, whatever the file says of that.
func TestLongAnswers(t *testing.T) {
	for name, long := range map[string]int{fieldSigned + ofName: 201, fieldKept: 2001} {
		r := Reading{Pages: 1, Answers: []Answer{{Name: fieldCertificate, Value: "CERT-000001"}, {Name: name, Value: strings.Repeat("Ł", long)}}}
		if _, err := r.Certificate(); ruleOf(err) != "answer-too-long" || !strings.Contains(err.Error(), name) {
			t.Errorf("%s of %d letters: %v", name, long, err)
		}
		r.Answers[1].Value = strings.Repeat("Ł", long-1)
		if _, err := r.Certificate(); err != nil {
			t.Errorf("%s of %d letters: %v", name, long-1, err)
		}
	}
}
