package sftpd

import (
	"sync"
	"testing"
)

// In a crowd each has little, nobody has what another has, and whoever comes when
// it has gone has much again.
func TestStock(t *testing.T) {
	const wide, narrow = 1000, 100
	var s stock
	for range 3 {
		var all sync.WaitGroup
		taken := make(chan *[]byte, 5*crowd)
		for range 5 * crowd {
			all.Go(func() {
				b := s.take(wide, narrow)
				if len(*b) > 0 {
					t.Errorf("%d bytes of another lie there", len(*b))
				}
				*b = append(*b, 1)
				taken <- b
			})
		}
		all.Wait()
		close(taken)
		wides, seen := 0, map[*byte]bool{}
		for b := range taken {
			if cap(*b) > narrow {
				wides++
			}
			if first := &(*b)[0]; seen[first] {
				t.Error("two have the same")
			} else {
				seen[first] = true
			}
			all.Go(func() { s.put(b, narrow) })
		}
		all.Wait()
		if wides != crowd {
			t.Errorf("%d have much", wides)
		}
	}
	if b := s.take(wide, narrow); cap(*b) < wide {
		t.Errorf("alone, and has %d bytes", cap(*b))
	}
}
