package vault_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"darsd/transfer/vault"
)

const chunk = 64 << 10

// A stroke is one thing that a client does to a file.
type stroke struct {
	off  int64
	size int  // of a WRITE
	cut  bool // the file is made off bytes long
}

func (s stroke) String() string {
	if s.cut {
		return fmt.Sprintf("truncate to %d", s.off)
	}
	return fmt.Sprintf("write %d at %d", s.size, s.off)
}

// paint does the same to a draft and to a plain file, beginning with the same.
// What is in both at the end must be the same, and be known as far as it was
// written without a gap.
func paint(t *testing.T, tray *vault.Tray, begin []byte, strokes []stroke) {
	t.Helper()
	plain := must(os.Create(filepath.Join(t.TempDir(), "plain")))
	defer plain.Close()
	from := ""
	if begin != nil {
		from = "begun"
		if err := tray.Put(from, begin, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	d := must(tray.Begin(from))
	defer d.Close()
	must(plain.Write(begin))
	written := bytes.Repeat([]byte{1}, len(begin)) // 1 for each byte that has come
	resize := func(n int) {
		if n <= len(written) {
			written = written[:n]
			return
		}
		written = append(written, make([]byte, n-len(written))...)
	}
	for i, s := range strokes {
		if s.cut {
			if err := errors.Join(plain.Truncate(s.off), d.Truncate(s.off)); err != nil {
				t.Fatal(err)
			}
			resize(int(s.off))
			continue
		}
		p := make([]byte, s.size)
		rand.NewChaCha8(sha256.Sum256([]byte{byte(i), byte(i >> 8)})).Read(p)
		must(plain.WriteAt(p, s.off))
		if n, err := d.WriteAt(p, s.off); n != len(p) || err != nil {
			t.Fatalf("%s: wrote %d, %v", s, n, err)
		}
		if s.size > 0 {
			resize(max(len(written), int(s.off)+s.size))
			copy(written[s.off:], bytes.Repeat([]byte{1}, s.size))
		}
	}
	want := must(os.ReadFile(plain.Name()))
	if d.Size() != int64(len(want)) {
		t.Fatalf("it is %d long and should be %d after %v", d.Size(), len(want), strokes)
	}
	prefix := len(written)
	if gap := bytes.IndexByte(written, 0); gap >= 0 {
		prefix = gap
	}
	if got := must(d.Prefix()); got != int64(prefix) {
		t.Fatalf("%d bytes are without a gap, and it says %d after %v", prefix, got, strokes)
	}
	if err := d.Keep("painted", time.Now()); err != nil {
		t.Fatal(err)
	}
	got := must(tray.Read("painted"))
	if !bytes.Equal(got, want) {
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Fatalf("it has %d bytes of %d and differs at %d after %v", len(got), len(want), i, strokes)
			}
		}
		t.Fatalf("it has %d bytes instead of %d after %v", len(got), len(want), strokes)
	}
	// In pieces too: that is how it is taken in.
	f := must(must(tray.FS()).Open("painted"))
	defer f.Close()
	if n := must(io.Copy(io.Discard, f)); n != int64(len(want)) {
		t.Fatalf("read %d bytes of %d", n, len(want))
	}
}

func TestDraftIsAsAPlainFile(t *testing.T) {
	v, _ := fresh(t)
	write := func(off int64, size int) stroke { return stroke{off: off, size: size} }
	cut := func(size int64) stroke { return stroke{off: size, cut: true} }
	for name, tt := range map[string]struct {
		begin   int // bytes that are there; -1 for none
		strokes []stroke
	}{
		"nothing":                     {-1, nil},
		"one byte":                    {-1, []stroke{write(0, 1)}},
		"one chunk":                   {-1, []stroke{write(0, chunk)}},
		"one chunk and a byte":        {-1, []stroke{write(0, chunk+1)}},
		"in order":                    {-1, []stroke{write(0, 3*chunk), write(3*chunk, 5)}},
		"backwards":                   {-1, []stroke{write(2*chunk, chunk), write(chunk, chunk), write(0, chunk)}},
		"over itself":                 {-1, []stroke{write(0, 3*chunk), write(10, 20)}},
		"over itself twice":           {-1, []stroke{write(0, 3*chunk), write(10, 20), write(0, chunk), write(chunk-1, 2)}},
		"over the end":                {-1, []stroke{write(0, chunk), write(chunk-3, 6)}},
		"a gap":                       {-1, []stroke{write(5*chunk+3, 7)}},
		"a gap that is filled":        {-1, []stroke{write(5*chunk+3, 7), write(0, 5*chunk+3)}},
		"no bytes, far":               {-1, []stroke{write(5*chunk, 0)}},
		"as ssh2 does it":             {-1, []stroke{write(0, 31952), write(32768, 31952), write(31952, 816), write(64720, 816), write(65536, 100)}},
		"resumed":                     {3*chunk + 5, []stroke{write(3*chunk+5, chunk)}},
		"resumed and overlapping":     {3*chunk + 5, []stroke{write(3*chunk, chunk)}},
		"changed at the beginning":    {3*chunk + 5, []stroke{write(0, 1)}},
		"left as it was":              {chunk, nil},
		"cut to a border":             {-1, []stroke{write(0, 3*chunk), cut(2 * chunk)}},
		"cut":                         {-1, []stroke{write(0, 3*chunk), cut(chunk + 1)}},
		"cut, and longer again":       {-1, []stroke{write(0, 3*chunk), cut(chunk + 1), cut(4 * chunk)}},
		"cut to a border, and longer": {-1, []stroke{write(0, 3*chunk), cut(chunk), write(2*chunk, 1)}},
		"cut to nothing":              {3 * chunk, []stroke{cut(0)}},
		"cut what was there":          {3 * chunk, []stroke{cut(10), write(20, 5), cut(5 * chunk)}},
		"made long first":             {-1, []stroke{cut(4 * chunk), write(0, 4*chunk)}},
		"made long":                   {-1, []stroke{cut(4*chunk + 1)}},
		"more than stays in memory":   {-1, wide(100)},
	} {
		t.Run(name, func(t *testing.T) {
			var begin []byte
			if tt.begin >= 0 {
				begin = bytes.Repeat([]byte("begun"), tt.begin/5+1)[:tt.begin]
			}
			paint(t, v.Tray("P-000001"), begin, tt.strokes)
		})
	}
}

// wide begins many chunks, and goes over all of them twice more.
func wide(chunks int64) (all []stroke) {
	for round := range int64(3) {
		for i := range chunks {
			all = append(all, stroke{off: i*chunk + 100*round, size: 100})
		}
	}
	return all
}

func TestDraftOfRandomWrites(t *testing.T) {
	v, _ := fresh(t)
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		extent := int64(1) << (10 + r.IntN(13)) // 1 KiB to 4 MiB
		var begin []byte
		if r.IntN(2) == 0 {
			begin = make([]byte, r.Int64N(extent))
			rand.NewChaCha8([32]byte{1}).Read(begin)
		}
		var strokes []stroke
		for range r.IntN(120) {
			s := stroke{off: r.Int64N(extent), size: r.IntN(3 * chunk / 2)}
			switch r.IntN(12) {
			case 0:
				s = stroke{off: s.off, cut: true}
			case 1:
				s.off = s.off / chunk * chunk
			case 2:
				s.size = chunk
			}
			strokes = append(strokes, s)
		}
		paint(t, v.Tray("P-000001"), begin, strokes)
	}
}

func FuzzDraft(f *testing.F) {
	f.Add(uint16(0), []byte("\x00\x00\x01\xff\xff"))
	f.Add(uint16(300), []byte("\x00\x00\x01\xff\xff\x80\x00\x10\x00\x00\x00\x00\x00\x00\x10"))
	root := must(os.OpenRoot(f.TempDir()))
	v := must(vault.Open(root))
	f.Fuzz(func(t *testing.T, begin uint16, text []byte) {
		var strokes []stroke
		for ; len(text) >= 5 && len(strokes) < 200; text = text[5:] {
			// Offsets that are near to a border more often than not.
			off := int64(text[0]&0x7f)*chunk/2 + int64(int8(text[1]))*int64(text[2])
			strokes = append(strokes, stroke{max(off, 0), int(binary.BigEndian.Uint16(text[3:])), text[0]&0x80 != 0})
		}
		var had []byte
		if begin > 0 {
			had = bytes.Repeat([]byte("had"), int(begin))
		}
		paint(t, v.Tray("P-000001"), had, strokes)
	})
}

// Many write one file at once, in pieces that share chunks.
func TestDraftFromManySides(t *testing.T) {
	v, _ := fresh(t)
	tray := v.Tray("P-000001")
	want := make([]byte, 5<<20+77)
	rand.NewChaCha8([32]byte{2}).Read(want)
	d := must(tray.Begin(""))
	defer d.Close()
	const piece = 31952
	var wg sync.WaitGroup
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(want)/piece + 1)
	next := make(chan int)
	for range 8 {
		wg.Go(func() {
			for i := range next {
				from := i * piece
				if _, err := d.WriteAt(want[from:min(from+piece, len(want))], int64(from)); err != nil {
					t.Error(err)
				}
				if _, err := d.Prefix(); err != nil && i%16 == 0 {
					t.Error(err)
				}
			}
		})
	}
	for range 2 { // and all of it again
		for _, i := range order {
			next <- i
		}
	}
	close(next)
	wg.Wait()
	if err := d.Keep("a", time.Now()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(must(tray.Read("a")), want) {
		t.Error("other bytes were kept than were written")
	}
	if _, err := d.WriteAt([]byte("x"), 0); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("written after it was kept: %v", err)
	}
	if err := d.Keep("b", time.Now()); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("kept twice: %v", err)
	}
}

// Some write over a chunk just when it goes into its place.
func TestDraftWrittenWhileItIsEncrypted(t *testing.T) {
	v, _ := fresh(t)
	tray := v.Tray("P-000001")
	want := make([]byte, chunk+1)
	rand.NewChaCha8([32]byte{3}).Read(want)
	const part = chunk / 8
	for range 50 {
		d := must(tray.Begin(""))
		must(d.WriteAt(want[chunk:], chunk)) // so that the first is not the last
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for round := range 10 {
					p := bytes.Repeat([]byte{byte(round)}, part)
					if round == 9 {
						p = want[w*part : (w+1)*part]
					}
					if _, err := d.WriteAt(p, int64(w*part)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if err := d.Keep("a", time.Now()); err != nil || !bytes.Equal(must(tray.Read("a")), want) {
			t.Fatalf("other bytes were kept than were written, %v", err)
		}
	}
}

// No number of a chunk is used for two contents under one key: what lies on disk
// never changes, but for the last chunk; and what was written again is kept in
// another file, with another key.
func TestDraftEncryptsNoPlaceTwice(t *testing.T) {
	v, dir := fresh(t)
	lies := func(pattern string) (found []string) {
		for _, name := range must(filepath.Glob(filepath.Join(dir, "vault/trays/P-000001", pattern))) {
			if base := filepath.Base(name); base != "lock" && base != "index" {
				found = append(found, name)
			}
		}
		if len(found) != 1 {
			t.Fatalf("there are %v", found)
		}
		return found
	}
	for _, again := range []bool{false, true} {
		tray := v.Tray("P-000001")
		d := must(tray.Begin(""))
		defer d.Close()
		d.WriteAt(bytes.Repeat([]byte("first"), 3*chunk/5), 0)
		before := must(os.ReadFile(lies(".tmp-*")[0]))
		if len(before) < 2*chunk {
			t.Fatalf("%d bytes on disk: it is not encrypted as it comes", len(before))
		}
		if again {
			for i := range int64(200) { // more chunks than stay in memory, so that they must go somewhere
				d.WriteAt([]byte("again"), i*chunk)
			}
		}
		if after := must(os.ReadFile(lies(".tmp-*")[0])); !bytes.HasPrefix(after, before) {
			t.Error("what was encrypted has been encrypted again in its place")
		}
		if err := d.Keep("a", time.Now()); err != nil {
			t.Fatal(err)
		}
		kept := must(os.ReadFile(lies("[A-Z0-9]*")[0]))
		if got := bytes.HasPrefix(kept, before[:2*chunk]); got == again {
			t.Errorf("written again: %t, and what is kept is what was encrypted first: %t", again, got)
		}
		if again && bytes.Equal(kept[:150], before[:150]) {
			t.Error("what was written again is under the key that it had")
		}
	}
}

func TestDraftIsSeenWhenItIsKept(t *testing.T) {
	v, dir := fresh(t)
	tray := v.Tray("P-000001")
	tray.Put("a", []byte("before"), time.Now())
	count := func() int { return len(must(os.ReadDir(filepath.Join(dir, "vault/trays/P-000001")))) }
	before := count()
	if _, err := tray.Begin("b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("begun with what is not there: %v", err)
	}
	d := must(tray.Begin("a"))
	d.WriteAt([]byte("AFTER"), 0)
	if got := must(tray.Read("a")); string(got) != "before" || names(t, tray) != "a:6" {
		t.Errorf("while it is written there is %q", got)
	}
	// Somebody takes in meanwhile, and sweeps.
	id := must(tray.Claim("a", must(tray.Marks())["a"]))
	if err := tray.Drop(id); err != nil {
		t.Fatal(err)
	}
	if err := d.Keep("a", time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := must(tray.Read("a")); string(got) != "AFTERe" {
		t.Errorf("kept %q", got)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	for what, give := range map[string]func(*vault.Draft) error{
		"given up":             (*vault.Draft).Close,
		"kept nowhere":         func(d *vault.Draft) error { return d.Keep("nowhere/a", time.Now()) },
		"kept under two lines": func(d *vault.Draft) error { return d.Keep("a\nb", time.Now()) },
	} {
		d := must(tray.Begin("a"))
		d.WriteAt(make([]byte, 3*chunk), 0)
		if err := give(d); (err == nil) != (what == "given up") {
			t.Errorf("%s: %v", what, err)
		}
		if count() != before || names(t, tray) != "a:6" {
			t.Errorf("%s: %d files instead of %d, and there is %s", what, count(), before, names(t, tray))
		}
	}
}

func TestDraftOfAProgramThatDies(t *testing.T) {
	v, dir := fresh(t)
	tray := v.Tray("P-000001")
	tray.Put("a", []byte("before"), time.Now())
	if err := elsewhere(t, "draft", dir, "").Run(); err == nil {
		t.Fatal("it did not die")
	}
	if names(t, tray) != "a:6" {
		t.Errorf("after it there is %s", names(t, tray))
	}
	left := func() int { return len(must(filepath.Glob(filepath.Join(dir, "vault/trays/P-000001/.tmp-*")))) }
	if left() != 1 { // the scratch file had no name
		t.Errorf("%d beginnings are left", left())
	}
	if err := v.Sweep(time.Now().Add(time.Hour)); err != nil || left() != 0 {
		t.Errorf("swept: %d are left, %v", left(), err)
	}
}

func TestDraftOfHostileSizes(t *testing.T) {
	v, _ := fresh(t)
	tray := v.Tray("P-000001")
	d := must(tray.Begin(""))
	defer d.Close()
	for _, off := range []int64{-1, math.MinInt64, math.MaxInt64, math.MaxInt64 - 1, 1 << 50} {
		if _, err := d.WriteAt([]byte("x"), off); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("written at %d: %v", off, err)
		}
		if err := d.Truncate(off); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("made %d long: %v", off, err)
		}
	}
	if d.Size() != 0 {
		t.Errorf("it has %d bytes", d.Size())
	}
	// A byte in each of many places, backwards: what is in memory stays small.
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := int64(500); i > 0; i-- {
		if _, err := d.WriteAt([]byte("x"), i*chunk); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("500 chunks take %d bytes of memory", grown)
	}
	if err := d.Keep("a", time.Now()); err != nil {
		t.Error(err)
	}

	const many = 100_000
	d = must(tray.Begin(""))
	defer d.Close()
	want := strings.Repeat("0123456789", many/10)
	for i := many - 1; i >= 0; i-- {
		if _, err := d.WriteAt([]byte(want[i:i+1]), int64(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Keep("b", time.Now()); err != nil || string(must(tray.Read("b"))) != want {
		t.Errorf("byte by byte, backwards: %v", err)
	}
}

func BenchmarkDraft(b *testing.B) {
	root := must(os.OpenRoot(b.TempDir()))
	v := must(vault.Open(root))
	content := make([]byte, 256<<20)
	const piece = 32 << 10
	b.Run("draft", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		for b.Loop() {
			d := must(v.Tray("P-000001").Begin(""))
			var wg sync.WaitGroup
			next := make(chan int, 64)
			for range 8 { // as the library's workers
				wg.Go(func() {
					for off := range next {
						if _, err := d.WriteAt(content[off:off+piece], int64(off)); err != nil {
							b.Error(err)
						}
					}
				})
			}
			for off := 0; off < len(content); off += piece {
				next <- off
			}
			close(next)
			wg.Wait()
			if err := d.Keep("a", time.Now()); err != nil {
				b.Fatal(err)
			}
		}
	})
	// What age itself takes, in order and from one goroutine.
	b.Run("age", func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		to := must(age.GenerateX25519Identity()).Recipient()
		for b.Loop() {
			f := must(os.Create(filepath.Join(b.TempDir(), "a")))
			w := must(age.Encrypt(f, to))
			for off := 0; off < len(content); off += piece {
				must(w.Write(content[off : off+piece]))
			}
			if err := errors.Join(w.Close(), f.Sync(), f.Close()); err != nil {
				b.Fatal(err)
			}
			os.Remove(f.Name())
		}
	})
}
