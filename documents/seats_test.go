package documents

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// As many papers are read at once as there are seats; the next waits for one, or until
// nobody asks any more.
func TestSeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seats := make(Seats, 2)
		leave, err := seats.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seats.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		seated := make(chan error)
		go func() {
			_, err := seats.take(t.Context())
			seated <- err
		}()
		synctest.Wait()
		select {
		case err := <-seated:
			t.Fatalf("a third sat down on two seats: %v", err)
		default:
		}
		leave()
		if err := <-seated; err != nil {
			t.Error(err)
		}
		gone, stop := context.WithCancel(t.Context())
		stop()
		if _, err := seats.take(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want that it was cancelled", err)
		}
	})
}

// Whoever reads takes a seat, and gives it back, whatever becomes of the paper.
func TestReadersTakeSeats(t *testing.T) {
	r := reader()
	r.Seats = make(Seats, 1)
	for name, paper := range map[string][]byte{"sound": made("<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R>>"), "broken": []byte("%PDF-1.4\n")} {
		if _, err := r.Read(t.Context(), paper); err != nil && ruleOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
		if len(r.Seats) != 0 {
			t.Errorf("%s: its seat is still taken", name)
		}
	}
	r.Seats <- struct{}{}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if _, err := r.Read(gone, []byte("%PDF-1.4\n")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v without a seat, want that it was cancelled", err)
	}
}
