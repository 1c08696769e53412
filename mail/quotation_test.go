package mail_test

import (
	"strings"
	"testing"

	"darsd/mail"
)

// What others wrote is a quotation, whatever it looks like: no heading, no command and
// no signature.
func TestAQuotationIsNothingElse(t *testing.T) {
	for name, quoted := range map[string]string{
		"a heading":   "> Pay at once\n> -----------",
		"a command":   ">     darsd release publish REL-000001",
		"a signature": "> --\n> The Office",
		"a page":      "> </blockquote><h1>Stop</h1>",
		"paragraphs":  "> one\n>\n> two",
	} {
		t.Run(name, func(t *testing.T) {
			dir := outbox(t)
			m := letter()
			m.Body = "They ask:\n" + quoted + "\nAnswer it.\n\n-- \nThe Office\n"
			if err := mail.Folder(dir, office).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			text, err := dir.ReadFile(m.ID + ".eml")
			if err != nil {
				t.Fatal(err)
			}
			page := parse(t, string(text)).html
			harmless(t, page)
			_, after, _ := strings.Cut(page, ">They ask:</p>")
			if strings.Count(page, "<blockquote ") != 1 || strings.Contains(page, "<h2") || strings.Contains(page, "<pre") || !strings.HasPrefix(strings.TrimSpace(after), "<blockquote ") || !strings.Contains(page, ">Answer it.</p>") {
				t.Errorf("it is shown as\n%s", page)
			}
		})
	}
}
