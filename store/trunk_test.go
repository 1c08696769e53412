package store

import (
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

type hashes []tlog.Hash

func (h hashes) ReadHashes(at []int64) (some []tlog.Hash, _ error) {
	for _, i := range at {
		some = append(some, h[i])
	}
	return some, nil
}

// However long the log is, its head is what tlog says of all its hashes.
func TestTheTrunkHasTheHeadOfTheTree(t *testing.T) {
	var all hashes
	var got trunk
	for n := range int64(300) {
		want, err := tlog.TreeHash(n, all)
		if err != nil {
			t.Fatal(err)
		}
		if got.tree() != (tlog.Tree{N: n, Hash: want}) {
			t.Fatalf("the head of %d events is %v, want %s", n, got.tree(), want)
		}
		if len(got.whole) > 9 {
			t.Fatalf("of %d events %d hashes are held", n, len(got.whole))
		}
		leaf := tlog.RecordHash(fmt.Append(nil, n))
		more, err := tlog.StoredHashesForRecordHash(n, leaf, all)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
		got.add(leaf)
	}
}
