package main

import (
	"context"

	"darsd/dars"
	"darsd/store"
)

// A release for a period that was released before takes the place of that one: what lay
// there goes, and what somebody has of it is asked back, with more time than at an end.

// replacements are those of a day in the middle of a month: of what was published in it and
// still stands.
func (s *soak) replacements(ctx context.Context, d dars.Day) (out []*published, err error) {
	if d != s.first.AddMonths(s.month(d)).Add(14) {
		return nil, nil
	}
	for _, r := range s.out {
		stands := r.withdrawn == "" && r.recalled == nil && r.replaced == "" && !r.held() && s.month(r.on) == s.month(d)
		if !stands || len(out) == 2 || s.refusal(r.of, d) != "" || s.lot("replaced", r.id).IntN(5) > 0 {
			continue
		}
		n, err := s.release(ctx, r.of, r.month, d, r.id)
		if err != nil {
			return nil, err
		}
		if n == nil {
			continue
		}
		r.replaced = d
		if err := s.askedFor(ctx, r, n, d); err != nil {
			return nil, err
		}
		out = append(out, n)
		s.count("releases that took the place of another", 1)
	}
	return out, nil
}

// askedFor notes by which certificate what is replaced is asked back.
func (s *soak) askedFor(ctx context.Context, r, by *published, d dars.Day) error {
	var id dars.CertificateID
	err := s.store.View(ctx, func(tx *store.Tx) error {
		all, err := store.Find[dars.Certificate](tx, dars.By("agreement", r.of.id))
		for _, c := range all {
			if c.By == by.id {
				id = c.ID
			}
		}
		return err
	})
	if r.asked && !r.sent {
		r.sent = id != "" // what was set aside may have left
	}
	switch {
	case id == "" && r.sent:
		s.finds("%s: %s takes the place of %s, of which some had left, and no certificate is asked for", d, by.id, r.id)
	case id != "" && !r.sent:
		s.finds("%s: %s takes the place of %s, of which nothing had left, and %s is asked for", d, by.id, r.id, id)
	case id != "":
		r.back = &asking{id: id, on: d, due: d.Add(42), as: by.id}
		if lot := s.lot("returned", r.id); lot.IntN(4) > 0 {
			r.back.comes = d.Add(1 + lot.IntN(60))
		}
	}
	return err
}
