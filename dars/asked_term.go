package dars

import "fmt"

// The term that an application may ask for (domain 2.4), judged by the day on
// which it is handed in.
const (
	backdated = 12 // months: a term that began longer ago is a slip of the pen
	ahead     = 12 // months from today within which a new one begins
	after     = 36 // and a later version, which may wait for the one before to end
	longest   = 15 // years, for consented archives; nothing runs longer
)

// CheckTerm says what is plainly wrong with a term as at a day. Only a new
// application must begin about now: a later version may keep the beginning of the
// one before.
func (f *Form) CheckTerm(on Day) (wrong []Mistake) {
	say := func(field, format string, args ...any) {
		wrong = append(wrong, Mistake{Field: field, Says: fmt.Sprintf(format, args...), Rule: "bad-term"})
	}
	start, end := f.term()
	within := after
	if f.isNew() {
		within = ahead
	}
	switch {
	case start == "":
	case f.isNew() && start < on.AddMonths(-backdated):
		say("start", "%s is more than %d months in the past: data are released for what is to come", start, backdated)
	case start > on.AddMonths(within):
		say("start", "%s is more than %d months ahead: apply nearer to it", start, within)
	}
	switch {
	case end == "":
	case end < on:
		say("end", "%s is in the past", end)
	case start != "" && len(wrong) == 0 && end >= start.AddMonths(12*longest):
		say("end", "%s is more than %d years after start: no agreement runs so long; it can be renewed", end, longest)
	}
	return wrong
}

// TermWarnings are what a reviewer will ask about a term as at a day.
func (d *Draft) TermWarnings(on Day) (warnings []Mistake) {
	if d.Broken {
		return nil
	}
	start, _ := d.Form.term()
	if d.Form.isNew() && start != "" && start < on && start >= on.AddMonths(-backdated) {
		warnings = append(warnings, Mistake{Field: "start", Says: fmt.Sprintf("%s is in the past: a term begins before its approval only by exception", start), Rule: "backdated"})
	}
	return warnings
}

func (f *Form) isNew() bool { return f.Kind == "" || f.Kind == NewCase }

// term is the first and the last day, where they are days in their order; what is
// not is told elsewhere.
func (f *Form) term() (start, end Day) {
	start, err := ParseDay(string(f.Start))
	if err != nil {
		start = ""
	}
	end, err = ParseDay(string(f.End))
	if err != nil || end < start {
		end = ""
	}
	return start, end
}
