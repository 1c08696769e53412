package office_test

import (
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// bodies are what somebody has been sent, one after the other.
func (h *house) bodies(login string) string {
	h.t.Helper()
	h.must(h.first().Work(h.t.Context(), h.noon))
	var all strings.Builder
	for _, l := range h.works.handed {
		if l.To == login+"@example.org" {
			all.WriteString(l.Subject + "\n" + l.Body + "\n")
		}
	}
	return all.String()
}

// Whoever writes numbers of people is not told whose they are, in a letter and in a
// digest; whom the office names is named, and how its people sign in stays with it.
func TestNumbersInTheWordsOfOthersStayNumbers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		everybody := ""
		for _, id := range h.people {
			everybody += string(id) + " "
		}
		apps := office.Applications{Office: h.first()}
		id, err := apps.Enquire(ctx, h.by("rita"), dars.Enquiry{Text: "Who is this?\u2028" + everybody})
		h.must(err)
		_, err = apps.Enquire(ctx, h.by("rita"), dars.Enquiry{Text: "I ask\u2029for " + everybody})
		h.must(err)
		h.must(apps.AnswerEnquiry(ctx, h.by("carol"), id, "You ask for "+everybody))
		h.digest("2026-03-03")
		if got := h.bodies("rita"); strings.Contains(got, "N. ") || !strings.Contains(got, "\n> "+strings.TrimSpace(everybody)) {
			t.Errorf("rita is told:\n%s", got)
		}
		if got := h.bodies("carol"); !strings.Contains(got, "N. rita (rita) asks:") || !strings.Contains(got, "\n> for P-") || strings.Contains(got, "N. olive") || strings.Contains(got, "N. iris") {
			t.Errorf("carol is told:\n%s", got)
		}

		h.contract("RA1", "2028-03-31")
		ref := h.submitted(h.form())
		_, err = apps.AddAction(ctx, h.by("carol"), ref, string(dars.TheApplicant), "2026-03-20", "Sign here\n-----\n\n-- \n"+everybody)
		h.must(err)
		if got := h.bodies("rita"); !strings.Contains(got, "\n> Sign here\n> -----\n>\n> --\n> P-") || strings.Contains(got, "N. ") {
			t.Errorf("rita is told:\n%s", got)
		}
	})
}
