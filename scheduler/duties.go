package scheduler

import (
	"context"
	"errors"
	"time"
)

// rounds is how often one run looks again for what its own acts have made due: an
// agreement that expired long ago is also chased, and audited. More would be a
// duty that never gets done.
const rounds = 10

// Duties is the job that walks all duties that are due: one act each, so that one
// that fails does not hold up the others. list names them, do does one, and said
// hears of each that was done. What list names beside an error is done all the same.
func Duties[Duty comparable, Done any](list func(context.Context, time.Time) ([]Duty, error), do func(context.Context, Duty, time.Time) (Done, error), said func(Done)) func(context.Context, time.Time) error {
	return func(ctx context.Context, due time.Time) error {
		failed := map[Duty]error{}
		var unlisted error
		for range rounds {
			all, err := list(ctx, due)
			unlisted = err
			left := 0
			for _, d := range all {
				if failed[d] != nil {
					continue
				}
				left++
				done, err := attempt(ctx, do, d, due)
				if err != nil {
					failed[d] = err
					continue
				}
				said(done)
			}
			if left == 0 || ctx.Err() != nil {
				break
			}
		}
		errs := []error{ctx.Err(), unlisted}
		for _, err := range failed {
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}
}

// attempt does one duty. A panic ends that one and is its error: it must not hold up
// the others of its day, and of every day after.
func attempt[Duty comparable, Done any](ctx context.Context, do func(context.Context, Duty, time.Time) (Done, error), d Duty, due time.Time) (done Done, err error) {
	defer caught(&err, d)
	return do(ctx, d, due)
}
