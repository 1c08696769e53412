package vault_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"darsd/transfer/vault"
)

// Buffers go from file to file: no reader may ever see what another has read,
// also where files are closed under it.
func TestReadersDoNotSeeEachOther(t *testing.T) {
	v, _ := fresh(t)
	const size = 10*64<<10 + 7
	for _, name := range []string{"lists/a", "lists/b"} {
		if err := v.WriteFile(vault.Office, name, bytes.Repeat([]byte(name[6:]), size)); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			name := []string{"lists/a", "lists/b"}[i%2]
			rnd := rand.New(rand.NewPCG(uint64(i), 1))
			for range 10 {
				f, err := v.Open(vault.Office, name)
				if err != nil {
					t.Error(err)
					return
				}
				var readers sync.WaitGroup
				for range 3 {
					from := rnd.Int64N(size)
					readers.Go(func() {
						p := make([]byte, 32<<10)
						for off := from; off < size; off += int64(len(p)) {
							n, _ := f.ReadAt(p, off) // an error once it is closed
							if bytes.Count(p[:n], []byte(name[6:])) != n {
								t.Error("bytes of another file")
							}
						}
					})
				}
				if i%4 == 0 {
					f.Close()
				}
				readers.Wait()
				f.Close()
			}
		})
	}
	all.Wait()
}

func TestNothingIsReadAfterClose(t *testing.T) {
	v, _ := fresh(t)
	if err := v.WriteFile(vault.Office, "lists/a", make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	f := must(v.Open(vault.Office, "lists/a"))
	if _, err := f.ReadAt(make([]byte, 10), 0); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if n, err := f.ReadAt(make([]byte, 10), 0); n > 0 || err == nil || err == io.EOF {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// Of many who read from front to end each is left with the piece that it reads.
func TestManyReadersHoldLittle(t *testing.T) {
	v, _ := fresh(t)
	const readers, size = vault.MaxAhead, 12 * 64 << 10
	if err := v.WriteFile(vault.Office, "lists/a", make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	var files []*vault.File
	for range readers {
		f := must(v.Open(vault.Office, "lists/a"))
		defer f.Close()
		files = append(files, f)
	}
	p := make([]byte, 32<<10)
	for off := int64(0); off < size; off += int64(len(p)) {
		for _, f := range files {
			must(f.ReadAt(p, off))
		}
		if n := v.Held(); n > vault.MaxAhead+readers {
			t.Fatalf("%d readers hold %d pieces at byte %d", readers, n, off)
		}
	}
}
