package office_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
)

// digest lives the hour of digests on a day, and hands over what comes of it.
func (h *house) digest(on dars.Day) {
	h.t.Helper()
	o := office.Clock{Office: h.first()}
	seven := o.Calendar.Start(on).Add(7 * time.Hour)
	h.must(o.Digest(h.t.Context(), seven, func(written time.Time) bool { return written.Before(seven) }))
	h.must(h.first().Work(h.t.Context(), h.noon))
}

func (h *house) queue(sent bool) []office.Waiting {
	h.t.Helper()
	all, err := office.Post{Office: h.first()}.Queue(h.t.Context(), h.by("olive"), sent)
	h.must(err)
	return all
}

// said is a mail server's word.
type said struct {
	text    string
	forGood bool
}

func (s said) Error() string   { return s.text }
func (s said) Permanent() bool { return s.forGood }

// One of three readers is not known to the mail server, and one is for the moment not
// taken: the third has the letter, once, whatever becomes of the other two.
func TestAReaderWhoIsUnknownHoldsUpNobody(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for _, login := range []string{"ann", "bob", "cyd"} {
			h.add(login, dars.TheOffice, dars.Compliance)
		}
		h.must(h.first().Work(ctx, h.noon))
		h.works.refuses = map[string]error{"ann@example.org": said{"550 nobody of that name", true}, "bob@example.org": fmt.Errorf("handing over: %w", said{"451 later", false})}
		_, err := office.Audits{Office: h.first()}.Open(ctx, h.by("audrey"), "RA1", "", "ROUTINE")
		h.must(err)
		now := h.noon()
		clock := func() time.Time { return now }
		if err := h.first().Work(ctx, clock); err == nil || !strings.Contains(err.Error(), "nobody of that name") || !strings.Contains(err.Error(), "451 later") {
			t.Errorf("it says %v", err)
		}
		for range 12 { // a day and more of trying
			now = now.Add(4 * time.Hour)
			h.both[1].Work(ctx, clock)
		}
		states := map[string]office.Waiting{}
		for _, l := range h.queue(false) {
			states[l.Address] = l
		}
		ann, bob := states["ann@example.org"], states["bob@example.org"]
		if len(states) != 2 || ann.State != office.LetterRefused || ann.Tries != 1 || ann.Next != nil || !slices.Equal(ann.To, []string{"ann"}) || ann.Step != "audit open" || !strings.HasPrefix(ann.Ref, "AUD") {
			t.Errorf("to ann: %+v of %d", ann, len(states))
		}
		if bob.State != office.LetterWaits || bob.Tries < 5 || bob.Next == nil || bob.Failed != "handing over: 451 later" {
			t.Errorf("to bob: %+v", bob)
		}
		if m := h.works.letters("audit"); len(m) != 1 || !strings.Contains(m[0].to, "cyd@example.org") || strings.Contains(m[0].to, "ann") {
			t.Errorf("written to %v", m)
		}
		b, err := office.Post{Office: h.first()}.Backlog(ctx)
		if err != nil || b.Waiting != 1 || b.Refused != 1 || !b.Since.Equal(bob.At) {
			t.Errorf("the backlog is %+v, %v", b, err)
		}
		if !h.waits("olive", ann.ID, "refused; tell its reader") {
			t.Error("the operator is not told")
		}

		// Their addresses are mended: each gets the letter, under the name it had.
		h.works.refuses = nil
		if n, err := (office.Post{Office: h.first()}).Retry(ctx, h.by("olive"), ann.ID); n != 1 || err != nil {
			t.Errorf("tried again: %d, %v", n, err)
		}
		_, err = office.Post{Office: h.first()}.Retry(ctx, h.by("olive"), "nothing")
		ruled(t, err, "not-failed")
		if n, err := (office.Post{Office: h.first()}).Retry(ctx, h.by("olive"), ""); n != 2 || err != nil {
			t.Errorf("tried again: %d, %v", n, err)
		}
		h.must(h.first().PostWork(ctx, clock))
		if left := h.queue(false); len(left) != 0 {
			t.Errorf("there wait %+v", left)
		}
		l, err := office.Post{Office: h.first()}.Show(ctx, h.by("olive"), ann.ID)
		if handed := h.works.handed[ann.ID]; err != nil || l.State != office.LetterSent || handed.To != "ann@example.org" || handed.Step != "audit open" || handed.Ref != ann.Ref {
			t.Errorf("to ann %+v, and it is %+v, %v", handed, l, err)
		}
		_, err = office.Post{Office: h.first()}.Queue(ctx, h.by("carol"), false)
		ruled(t, err, "no-power")
		h.sound()
	})
}

// What a mail server takes its time over holds up neither papers nor purges.
func TestMailHoldsUpNothingElse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.must(h.first().Work(t.Context(), h.noon))
		h.works.sent = 0
		_, err := office.Audits{Office: h.first()}.Open(t.Context(), h.by("audrey"), "RA1", "", "ROUTINE")
		h.must(err)
		_, err = office.Parties{Office: h.first()}.IssueContract(t.Context(), h.by("carol"), "RA2", h.today, "2028-03-31")
		h.must(err)
		h.works.mailIs = errors.New("it is asked for nothing")
		h.must(h.first().SlowWork(t.Context(), h.noon))
		for _, w := range h.owed() {
			if w.What != "letter" || w.Tries != 0 {
				t.Errorf("left is %+v", w)
			}
		}
		if len(h.owed()) == 0 || h.works.sent != 0 {
			t.Errorf("%d letters were handed over", h.works.sent)
		}

		// Nor does whoever acts over SSH wait for it.
		before := h.head()
		_, err = office.Audits{Office: h.first()}.Open(t.Context(), h.by("audrey"), "RA2", "", "ROUTINE")
		h.must(err)
		h.must(h.first().PapersAfter(t.Context(), before, h.noon))
		if h.works.sent != 0 {
			t.Error("a letter was handed over")
		}
	})
}

// What is routine comes in one letter for each person and day, whoever races for it,
// and a daemon that was down sends it when it is up again.
func TestDigest(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ask := func(text string) {
			_, err := office.Applications{Office: h.first()}.Enquire(ctx, h.by("rita"), dars.Enquiry{Text: text})
			h.must(err)
		}
		officers := func() (mine []office.Letter) {
			for id, l := range h.works.handed {
				if l.To == "carol@example.org" && strings.HasPrefix(id, "digest-") {
					mine = append(mine, l)
				}
			}
			slices.SortFunc(mine, func(a, b office.Letter) int { return a.At.Compare(b.At) })
			return mine
		}
		ask("May we?")
		ask("And when?")
		h.must(h.first().Work(ctx, h.noon))
		if work := h.owed(); len(work) != 0 || len(h.queue(false)) != 2 || h.queue(false)[0].State != office.LetterRoutine {
			t.Fatalf("owed are %+v, and there wait %+v", work, h.queue(false))
		}
		if len(h.works.letters("an enquiry")) != 0 {
			t.Error("they went at once")
		}
		if b, _ := (office.Post{Office: h.first()}).Backlog(ctx); b.Routine != 2 || b.Waiting != 0 {
			t.Errorf("the backlog is %+v", b)
		}

		clock := office.Clock{Office: h.first()}
		hour := func(on dars.Day) time.Time { return clock.Calendar.Start(on).Add(7 * time.Hour) }
		digest := func(o *office.Office, at time.Time) error {
			return office.Clock{Office: o}.Digest(ctx, at, func(written time.Time) bool { return written.Before(at) })
		}
		h.must(digest(h.first(), hour("2026-03-02"))) // they were written at noon
		if len(h.queue(false)) != 2 {
			t.Errorf("not ripe, and there wait %+v", h.queue(false))
		}
		h.race(10, "", func(_ int, o *office.Office) error { return digest(o, hour("2026-03-03")) })
		h.race(4, "", func(_ int, o *office.Office) error { return o.Work(ctx, h.noon) })
		got := officers()
		if len(got) != 1 || got[0].Subject != "2 things of 2026-03-03" || got[0].Step != "digest" || strings.Count(got[0].Body, "May we?") != 1 || strings.Index(got[0].Body, "May we?") > strings.Index(got[0].Body, "And when?") {
			t.Fatalf("there came %+v", got)
		}

		// One who has had today's digest waits for tomorrow's; one thing alone is written
		// as it would have been.
		h.today = "2026-03-03"
		ask("One more.")
		h.must(digest(h.first(), h.noon().Add(time.Hour)))
		h.must(h.first().Work(ctx, h.noon))
		if got := officers(); len(got) != 1 {
			t.Errorf("a second digest came that day: %+v", got[1])
		}
		h.must(digest(h.both[1], hour("2026-03-09"))) // a daemon that was down
		h.must(h.first().Work(ctx, h.noon))
		if got := officers(); len(got) != 2 || !strings.HasSuffix(got[1].Subject, ": an enquiry") || got[1].Step != "application enquiry" || !strings.HasPrefix(got[1].Ref, "ENQ-") {
			t.Errorf("then there came %+v", got)
		}
		if len(h.queue(false)) != 0 {
			t.Errorf("there wait %+v", h.queue(false))
		}
		h.sound()
	})
}

// Each step whose letters are routine is one that somebody takes.
func TestRoutineLettersAreOfSteps(t *testing.T) {
	if len(dars.RoutineLetters) == 0 || !slices.IsSorted(dars.RoutineLetters) {
		t.Errorf("they are %v", dars.RoutineLetters)
	}
	for _, step := range dars.RoutineLetters {
		if dars.Powers[step] == nil && !slices.Contains([]string{"action done"}, step) {
			t.Errorf("nobody does %q", step)
		}
	}
	for _, step := range []string{"decision siro", "certificate chase", "release withdraw", "agreement expire", "org hold", "certificate reject"} {
		if dars.Routine(step) {
			t.Errorf("%s would wait for a night", step)
		}
	}
}

// An action has the same entry in every letter: entered, moved, struck out.
func TestDatesOfAnAction(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		ref := h.submitted(h.form())
		apps := office.Applications{Office: h.first()}
		n, err := apps.AddAction(ctx, h.by("carol"), ref, string(dars.TheApplicant), "2026-03-20", "Say how long.")
		h.must(err)
		h.must(apps.AnswerAction(ctx, h.by("rita"), ref, n, "Ten years."))
		why := h.by("carol")
		why.Why = "that will do"
		h.must(apps.CloseAction(ctx, why, ref, n))
		h.must(h.first().Work(ctx, h.noon))
		h.digest("2026-03-03")
		var dates []dars.Date
		for _, l := range h.works.handed {
			if l.To == "rita@example.org" {
				dates = append(dates, l.Dates...)
			}
		}
		slices.SortFunc(dates, func(a, b dars.Date) int { return int(a.Sequence - b.Sequence) })
		if len(dates) != 2 || dates[0].ID != dates[1].ID || dates[0].On != "2026-03-20" || dates[0].Gone || !dates[1].Gone || dates[0].Sequence >= dates[1].Sequence {
			t.Errorf("the dates are %+v", dates)
		}
	})
}
