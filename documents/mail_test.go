package documents

import (
	"strings"
	"testing"
	"testing/fstest"

	"darsd/dars"
)

func TestMail(t *testing.T) {
	p := press(false)
	p.Office = dars.Office{Name: "The Office", Address: "1 Street", Email: "office@example.org"}
	text, err := p.Mail(dars.MailFacts{Subject: "x", Body: "It is ready.\n\n    darsd release list\n"})
	if want := "It is ready.\n\n    darsd release list\n\n-- \nThe Office\n1 Street\noffice@example.org\n"; err != nil || text != want {
		t.Errorf("it says %q, %v, want %q", text, err, want)
	}
	subject, text, err := p.Digest(dars.DigestFacts{On: "2026-04-01", Letters: []dars.MailFacts{{Subject: "An enquiry\r\n", Body: "Ada asks.\n"}, {Subject: "Evidence", Body: "It came."}}})
	if err != nil || subject != "2 things for you on 1 April 2026" || !strings.Contains(text, "\n\nAn enquiry\n----------\n\nAda asks.\n\nEvidence\n--------\n\nIt came.\n\n-- \nThe Office\n") || !strings.HasPrefix(text, "This has come in") {
		t.Errorf("%q says %q, %v", subject, text, err)
	}
}

// An office's own words stand around every letter; those that do not fit let none
// out.
func TestMailInTheOfficesWords(t *testing.T) {
	tests := map[string]struct{ file, wrong, says string }{
		"before and after": {`{{define "before"}}Dear reader,

{{.Office}} writes of "{{.Subject}}".{{end}}{{define "after"}}Yours,{{end}}`, "", "Dear reader,\n\n" + `Data Access writes of "{{.Office}}".` + "\n\nIt is ready.\n\nYours,\n\n-- \n"},
		"another signature": {`{{define "signature"}}Yours{{end}}`, "", "It is ready.\n\n-- \nYours\n"},
		"no such fact":      {`{{define "after"}}{{.Password}}{{end}}`, "there is no fact {{.Password}}", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := press(false)
			p.Office.Name = "Data Access"
			w, wrong := ReadWording(fstest.MapFS{"mail.txt": {Data: []byte(tt.file)}})
			p.Wording = w
			text, err := p.Mail(dars.MailFacts{Subject: "{{.Office}}", Body: "It is ready.\n"})
			if tt.wrong != "" {
				if err == nil || len(wrong) == 0 || !strings.Contains(wrong[0].Error(), tt.wrong) {
					t.Errorf("%v: %v", err, wrong)
				}
				return
			}
			if err != nil || !strings.HasPrefix(text, tt.says) {
				t.Errorf("it says %q, %v, want %q", text, err, tt.says)
			}
		})
	}
}
