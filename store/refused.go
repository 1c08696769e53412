package store

import (
	"context"
	"time"

	"darsd/dars"
)

// mostRefused is how many rows an hour has at most. Those of an office are some dozens;
// whoever makes more makes them on purpose, and is counted all the same.
const mostRefused = 500

// KeepRefused adds to the counts of refused acts, and lets those go that are older than a
// day. It leaves the log as it is.
func (s *Store) KeepRefused(ctx context.Context, counts []dars.Refused, before time.Time) error {
	return s.Do(ctx, func(tx *Tx) error {
		for _, r := range counts {
			hour := r.Hour.Truncate(time.Hour).Unix()
			var known, rows int64
			err := tx.one(`SELECT count(*) FROM refused WHERE hour = $1 AND who = $2 AND act = $3 AND rule = $4 AND via = $5`, &known, hour, string(r.Who), r.Act, r.Rule, string(r.Via))
			if err == nil {
				err = tx.one(`SELECT count(*) FROM refused WHERE hour = $1`, &rows, hour)
			}
			if err != nil {
				return err
			}
			if known == 0 && rows >= mostRefused {
				r = dars.Refused{Who: dars.Nobody, Act: "other", Rule: "other", Via: "other", Times: r.Times}
			}
			err = tx.exec(`INSERT INTO refused (hour, who, act, rule, via, times) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (hour, who, act, rule, via) DO UPDATE SET times = refused.times + excluded.times`, hour, string(r.Who), r.Act, r.Rule, string(r.Via), r.Times)
			if err != nil {
				return err
			}
		}
		return tx.exec(`DELETE FROM refused WHERE hour < $1`, before.Unix())
	})
}

// Refused are the counts of a stretch of time, in order.
func (tx *Tx) Refused(from, until time.Time) (all []dars.Refused, err error) {
	err = tx.each(`SELECT hour, who, act, rule, via, times FROM refused WHERE hour >= $1 AND hour < $2 ORDER BY hour, who, act, rule, via`,
		[]any{from.Unix(), until.Unix()}, func(scan func(...any) error) error {
			var r dars.Refused
			var hour int64
			err := scan(&hour, &r.Who, &r.Act, &r.Rule, &r.Via, &r.Times)
			r.Hour = time.Unix(hour, 0).UTC()
			all = append(all, r)
			return err
		})
	return all, err
}
