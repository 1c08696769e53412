package documents

import (
	"slices"
	"strings"
	"testing"
)

// The usual slips of the pen are told by line, field and remedy, and hide nothing
// of what else is wrong.
func TestSlips(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"a colon in a value":       {"title: Asthma: a study\n", "line 1: title: put the value in quotes: a colon followed by a space ends a name"},
		"no colon":                 {"title Asthma\n", "line 1: title: behind the name a colon and a blank are missing: write title: and then the value"},
		"no blank behind it":       {"title:Asthma\n", "line 1: title: behind the name a colon and a blank are missing"},
		"an open quote":            {"title: \"Asthma\n", "line 1: title: the quotation mark that opens here is never closed"},
		"an open single quote":     {"title: 'Asthma\n", "line 1: title: the quotation mark that opens here is never closed"},
		"more behind the quotes":   {"title: \"Asthma\" and more\n", "line 1: title: more stands behind the closing quotation mark"},
		"a name twice":             {"title: a\ntitle: b\n", "line 2: title: it stands on line 1 already"},
		"a name twice in a group":  {"purpose:\n  outputs: a\n  outputs: b\n", "line 3: purpose: outputs stands here a second time"},
		"a tab":                    {"purpose:\n\toutputs: x\n", "line 2: purpose: outputs: a line begins with a tab: indent with blanks"},
		"an at":                    {"title: @home\n", "line 1: title: put the value in quotes: it cannot begin with @"},
		"a backtick":               {"title: `x`\n", "line 1: title: put the value in quotes: it cannot begin with `"},
		"an anchor":                {"title: &a Asthma\n", "line 1: title: \"&\" is not for forms: put a text that begins like that in quotes"},
		"an alias":                 {"summary: *a\n", "line 1: summary: \"*\" is not for forms"},
		"a tag in a group":         {"purpose:\n  outputs: x\n  benefits: !!str x\n", "line 3: purpose: \"!!str\" is not for forms"},
		"a text behind its bar":    {"title: | Asthma\n", "line 1: title: behind | nothing stands on the same line"},
		"a colon in a group":       {"purpose:\n  outputs: Two: papers\n  benefits: Fewer: admissions\n", "line 3: purpose: benefits: put the value in quotes"},
		"a colon below other text": {"purpose:\n  objective: |\n    Why: this\n  outputs: Two: papers\n", "line 4: purpose: outputs: put the value in quotes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rest := "controllers: RA1\nstart: soon\n"
			read := ReadApplication([]byte(tt.text + rest))
			var said []string
			for _, m := range read.Check(nil) {
				said = append(said, m.String())
			}
			for _, want := range []string{tt.want, `controllers: "RA1" stands where a list belongs`, `start: "soon" is not a date`, "territory: is empty"} {
				if !slices.ContainsFunc(said, func(s string) bool {
					return strings.Contains(s, want) && (want != tt.want || strings.HasPrefix(s, want))
				}) {
					t.Errorf("it does not say %q:\n%s", want, strings.Join(said, "\n"))
				}
			}
			for _, s := range said {
				if field, _, _ := strings.Cut(tt.want[len("line 1: "):], ":"); strings.Contains(s, ": "+field) && strings.Contains(s, "is empty") {
					t.Errorf("it calls empty what it could not read: %s", s)
				}
			}
			if read.Lines["start"] != strings.Count(tt.text, "\n")+2 {
				t.Errorf("start is on line %d", read.Lines["start"])
			}
		})
	}
}

// What is lost because it looks like a remark is said.
func TestRemarks(t *testing.T) {
	read := ReadApplication([]byte("title: Good #1 of 3\nstart: 2026-04-01 # both days\ncontact: \"amira\" #x\n"))
	if len(read.Odd) != 1 || read.Odd[0].Line != 1 || read.Odd[0].Field != "title" || !slices.Contains(read.Warnings(nil), read.Odd[0]) {
		t.Errorf("%v", read.Odd)
	}
}
