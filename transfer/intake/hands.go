package intake

import "sync"

// Hands see claims through, some at a time: one file that takes long to judge, or was
// made to, must not hold up the others. With a single one each is seen through before
// the next is claimed.
type hands struct {
	seats chan struct{}
	busy  sync.WaitGroup
}

func newHands(n int) *hands { return &hands{seats: make(chan struct{}, max(n, 1))} }

// wait waits for a free hand, which is then ours until work is done or it is set free.
func (h *hands) wait() { h.seats <- struct{}{} }

func (h *hands) free() { <-h.seats }

// work does something with a hand that is ours: here, if it is the only one.
func (h *hands) work(do func()) {
	if cap(h.seats) == 1 {
		defer h.free()
		do()
		return
	}
	h.busy.Go(func() {
		defer h.free()
		do()
	})
}

// rest waits until all that was begun is done.
func (h *hands) rest() { h.busy.Wait() }
