package main

import (
	"strings"
	"testing"
)

// A checkpoint that was signed after the moment of a backup is none of the log that it
// brings back.
func TestLaterCheckpointsStayBehind(t *testing.T) {
	for name, later := range map[string]bool{
		"checkpoints/000000098-20160308T150001Z.txt":   false,
		"checkpoints/000000099-20160308T150001Z.txt":   false,
		"checkpoints/000000100-20160308T150001Z.txt":   true,
		"checkpoints/12000000000-20160308T150001Z.txt": true,
		"checkpoints/notes.txt":                        false,
		"reports/000000100-20160308T150001Z.txt":       false,
	} {
		if isLater(name, 99) != later {
			t.Errorf("%s is later than event 99: %v", name, !later)
		}
	}
}

// A configuration gets another database, and nothing else of it changes.
func TestAConfigurationGetsAnotherDatabase(t *testing.T) {
	const new = "postgres://darsd@db.example/office?sslmode=require"
	const line = `database: "` + new + `"` + "\n"
	for name, test := range map[string]struct{ was, is string }{
		"in the middle":   {"a: 1\ndatabase: darsd.db # here\nb: 2\n", "a: 1\n" + line + "b: 2\n"},
		"at the end":      {"a: 1\ndatabase: darsd.db", "a: 1\n" + line},
		"not said":        {"a: 1\n", "a: 1\n" + line},
		"and no new line": {"a: 1", "a: 1\n" + line},
		"nothing at all":  {"", line},
		"another's":       {"a:\n  database: x\n# database: y\n", "a:\n  database: x\n# database: y\n" + line},
		"twice":           {"database: x\na: 1\ndatabase: y\n", line + "a: 1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := withDatabase(test.was, new); got != test.is {
				t.Errorf("%q becomes %q, want %q", test.was, got, test.is)
			}
		})
	}
	if strings.Contains(withDatabase("database: postgres://u:secret@h/d\n", "darsd.db"), "secret") {
		t.Error("the password stays")
	}
}
