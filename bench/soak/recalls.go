package main

import (
	"context"
	"errors"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// What went wrong with a release calls it back: from then on nobody collects it, whoever
// has some of it is asked what became of it, and asked again, until they have answered or
// the recall is closed all the same.

// A recall is of one release.
type recall struct {
	id       dars.RecallID
	on       dars.Day
	comes    dars.Day // when the holder answers; "" if never
	answered dars.Day
	closes   dars.Day
}

// asked is the day by which the holder is to answer.
func (c *recall) asked() dars.Day { return c.on.Add(7) }

// aroundAnswer are the days around that on which they are written to.
var aroundAnswer = []int{-2, 0, 1, 7, 14, 28}

// recalls are what is called back on a day in the middle of a month, what is answered, and
// what is closed. What is called back lies there, and neither it nor its agreement ends soon.
func (s *soak) recalls(ctx context.Context, d dars.Day) error {
	if d == s.first.AddMonths(s.month(d)).Add(12) {
		left := 2
		for _, r := range s.out {
			lot := s.lot("recall", r.id)
			if left > 0 && r.lies(d) && !r.held() && r.until() < s.first.AddMonths(s.month(d)+1) && r.of.ends() > d.Add(30) && lot.IntN(4) == 0 {
				left--
				if err := s.callBack(ctx, r, d); err != nil {
					return err
				}
			}
		}
	}
	for _, r := range s.out {
		switch c := r.recalled; {
		case c == nil:
		case c.comes == d && r.sent:
			if err := s.answer(ctx, r, d); err != nil {
				return err
			}
		case c.closes == d:
			if err := s.closeRecall(ctx, r, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// callBack records what is wrong with a release, and starts the recall.
func (s *soak) callBack(ctx context.Context, r *published, d dars.Day) error {
	incident, err := s.decides(ctx, "cora", "INC-", "incident add --defect misdelivered --release "+string(r.id)+" --says Misdelivered.")
	if err != nil {
		return err
	}
	lot := s.lot("answers", r.id)
	c := &recall{on: d, closes: d.Add(9 + lot.IntN(8))}
	if lot.IntN(3) > 0 {
		c.comes = d.Add(lot.IntN(9))
	}
	called := func(tx *store.Tx) (bool, error) {
		i, err := store.Get[dars.Incident](tx, incident)
		c.id = i.Recall
		return c.id != "", err
	}
	var no *refused
	if _, err := s.does(ctx, "cora", called, "recall", "start", incident); errors.As(err, &no) {
		s.finds("%s: %s cannot be called back: %v", d, r.id, no)
		return nil
	} else if err != nil {
		return err
	}
	open := 0
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if _, err := called(tx); err != nil {
			return err
		}
		all, err := store.Find[dars.RecallNotice](tx, dars.By("recall", c.id))
		for _, n := range all {
			open += n.Unanswered
		}
		return err
	})
	if r.asked && !r.sent {
		r.sent = open > 0 // what was set aside may have left
	}
	if open > 0 != r.sent {
		s.finds("%s: by %s %d files of %s are to be answered for, and it is %v that some of it left", d, c.id, open, r.id, r.sent)
	}
	r.recalled = c
	s.count("releases called back", 1)
	return err
}

// answer is what its holder says: first that it is set apart, which is not the end of it,
// and then that it is destroyed.
func (s *soak) answer(ctx context.Context, r *published, d dars.Day) error {
	is, err := s.released(ctx, r.id)
	if err != nil {
		return err
	}
	for _, word := range []string{"--set-apart", "--destroyed"} {
		_, err := s.does(ctx, r.of.recipients[0].login, nil, "recall", "answer", string(r.recalled.id), string(is.Files[0].ID), word)
		var no *refused
		if errors.As(err, &no) {
			s.finds("%s: %s cannot say %s of what %s calls back: %v", d, r.of.recipients[0].login, word, r.recalled.id, no)
			return nil
		}
		if err != nil {
			return err
		}
	}
	r.recalled.answered = d
	s.count("recalls that were answered", 1)
	return nil
}

// closeRecall ends a recall. Where nobody has answered, that has to be said.
func (s *soak) closeRecall(ctx context.Context, r *published, d dars.Day) error {
	c := r.recalled
	closed := func(tx *store.Tx) (bool, error) {
		is, err := tx.State("recall", string(c.id))
		return is == string(dars.RecallClosed), err
	}
	words := []string{"recall", "close", string(c.id), "--reason", "It is known what came of it."}
	var no *refused
	_, err := s.does(ctx, "cora", closed, words...)
	switch owes := r.sent && c.answered == ""; {
	case err == nil && owes:
		s.finds("%s: %s was closed, and nobody had answered", d, c.id)
	case errors.As(err, &no) && !owes:
		s.finds("%s: %s cannot be closed, and everybody has answered: %v", d, c.id, no)
	case errors.As(err, &no):
		if _, err := s.does(ctx, "cora", closed, append(words, "--despite-unanswered")...); err != nil {
			return fmt.Errorf("close %s: %w", c.id, err)
		}
		s.count("recalls closed although nobody had answered", 1)
	case err != nil:
		return err
	}
	return nil
}

// calledBack are the letters about what is called back.
func (w *account) calledBack(r *published) {
	c := r.recalled
	if c == nil {
		return
	}
	if c.on == w.now && r.sent {
		w.write(true, r.of.recipients, "%s: recall %s: stop using what is listed, and answer by %s", r.of.id, c.id, long(c.asked()))
	} else if c.on == w.now {
		w.write(true, r.of.recipients, "%s: recall %s: it can no longer be collected", r.of.id, c.id)
	}
	owes := r.sent && c.on < w.now && w.now <= c.closes && (c.answered == "" || c.answered >= w.now)
	if owes && w.climb("recall "+string(c.id), c.asked(), aroundAnswer, "", "") {
		w.write(true, r.of.recipients, "%s: answer for 1 files by %s", c.id, long(c.asked()))
	}
}
