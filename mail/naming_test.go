package mail_test

import (
	"strings"
	"testing"

	"darsd/mail"
)

// However a letter is encoded, whom it names is found.
func TestWhomALetterNames(t *testing.T) {
	words := func(text string) bool {
		text = strings.ToLower(strings.Join(strings.Fields(text), " "))
		return strings.Contains(text, "dr nora field") || strings.Contains(text, "nora@ra1.example")
	}
	tests := map[string]struct {
		letter string
		names  bool
	}{
		"in its head":                   {"To: <Nora@RA1.example>\nSubject: a\n\nb\n", true},
		"in an encoded subject":         {"To: a@b.example\nSubject: =?utf-8?q?For_Dr_Nora_Field?=\n\nb\n", true},
		"in plain text":                 {"To: a@b.example\n\nWrite to Dr Nora\n  Field.\n", true},
		"over the end of a quoted line": {"To: a@b.example\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nWrite to Dr No=\nra Field.\n", true},
		"in base64":                     {"To: a@b.example\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nV3JpdGUgdG8gRHIgTm9yYSBGaWVsZC4=\n", true},
		"in a part":                     {"To: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nhello\n--x\nContent-Type: text/calendar\nContent-Transfer-Encoding: base64\n\nV3JpdGUgdG8gRHIgTm9yYSBGaWVsZC4=\n--x--\n", true},
		"in no letter at all":           {"Dr Nora Field", true},
		"nowhere":                       {"To: a@b.example\nSubject: Nora\n\nThe field of Dr Nora.\n", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mail.Names([]byte(tt.letter), words); got != tt.names {
				t.Errorf("it is %t that it names her", got)
			}
		})
	}
}
