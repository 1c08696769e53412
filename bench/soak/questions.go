package main

import (
	"context"
	"errors"
	"fmt"

	"darsd/dars"
)

// grants lets people ask at the query desk.
func (s *soak) grants(ctx context.Context) error {
	for _, g := range s.held {
		if !g.access {
			continue
		}
		_, err := s.does(ctx, "carol", nil, "release", "grant", g.id, "--dataset", dataset, "--user", g.recipients[0].login, "--licences", "1")
		var no *refused
		if errors.As(err, &no) {
			s.finds("nobody may be let in under %s: %v", g.id, no)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// questions are what people ask at the query desk on a day.
func (s *soak) questions(d dars.Day) (work []func(context.Context) error) {
	lot := s.lot("questions", d)
	for _, g := range s.held {
		if !g.access || lot.IntN(10) > 0 {
			continue
		}
		by := []string{"ward", "period", "ward,period"}[lot.IntN(3)]
		work = append(work, func(ctx context.Context) error {
			return s.ask(ctx, g, d, by, period(s.lot("question", d, g.id).IntN(24)))
		})
	}
	return work
}

// ask puts one question. An answer may be refused for what it would tell; here it counts
// that nobody asks who may not.
func (s *soak) ask(ctx context.Context, g *held, d dars.Day, by, of string) error {
	_, err := s.does(ctx, g.recipients[0].login, nil, "query", "ask", g.id, "--dataset", dataset, "--period", of, "--by", by)
	var no *refused
	may := g.runs(d) && !g.of.onHold(d) && d <= s.asAt(d).Add(21) // the list of objections is too old then
	switch {
	case errors.As(err, &no) && may:
		s.count("questions refused for what they would tell ("+no.rule+")", 1)
	case errors.As(err, &no):
		s.count("questions refused, as they must be", 1)
	case err != nil:
		return err
	case !may:
		s.finds("%s: %s was answered under %s, which must not be", d, g.recipients[0].login, g.id)
	default:
		s.count("questions answered", 1)
	}
	return nil
}

// incident is something that went wrong, and what would have to be called back for it.
func (s *soak) incident(ctx context.Context, d dars.Day) error {
	p := s.parties[s.lot("incident", d).IntN(len(s.parties))]
	id, err := s.decides(ctx, "cora", "INC-", fmt.Sprintf("incident add --defect objections-not-applied --org %s --from %s --until %s --says Late.", p.code, s.first, d))
	if err != nil {
		return err
	}
	_, err = s.does(ctx, "cora", nil, "recall", "plan", id)
	var no *refused
	if errors.As(err, &no) {
		s.count("incidents by which nothing is affected", 1)
		return nil
	}
	s.count("incidents, and what they affect", 1)
	return err
}
