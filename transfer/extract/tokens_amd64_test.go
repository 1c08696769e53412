package extract

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/cpu"
)

// Whatever a processor can do, it sees the same.
func TestEveryProcessor(t *testing.T) {
	masks := map[string]func(text *byte, blocks int, delimiter byte, seps, feeds, quotes *uint64) (parting, ending int, high uint64){
		"32 bytes at once": masksAVX2,
		"64 bytes at once": masksAVX512,
	}
	can := map[string]bool{"32 bytes at once": cpu.X86.HasAVX2, "64 bytes at once": wide}
	for name, see := range masks {
		t.Run(name, func(t *testing.T) {
			if !can[name] {
				t.Skip("this processor cannot")
			}
			r := rand.New(rand.NewPCG(5, 2))
			for range 200 {
				text := make([]byte, 64*(1+r.IntN(8)))
				for i := range text {
					text[i] = "\n\",x\xc3\x00\x80\x8a\xa2\xac"[r.IntN(9+r.IntN(2))]
				}
				var a, b [3][8]uint64
				parting, ending, high := see(&text[0], len(text)/64, ',', &a[0][0], &a[1][0], &a[2][0])
				all, plain := sighted{parting, ending, high != 0}, plainMasks(text, ',', b[0][:], b[1][:], b[2][:])
				if a != b || all != plain {
					t.Fatalf("%x: %x is seen, and %x: %+v %+v", text, a, b, all, plain)
				}
			}
		})
	}
}

// Words with none, few and all of their bits set.
func TestFlatten(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	for range 500 {
		words := make([]uint64, r.IntN(20))
		for i := range words {
			if words[i] = r.Uint64(); r.IntN(2) == 0 {
				words[i] &= r.Uint64() & r.Uint64()
			}
			if r.IntN(6) == 0 {
				words[i] = []uint64{0, ^uint64(0), 1, 1 << 63}[r.IntN(4)]
			}
		}
		n := 0
		for _, word := range words {
			n += bits.OnesCount64(word)
		}
		got, want := make([]uint32, n+slack), make([]uint32, n+slack)
		if a, b := flatten(words, got), plainFlatten(words, want); a != n || b != n || !slices.Equal(got[:n], want[:n]) {
			t.Fatalf("of %x there are %d: %d at %v, and %d at %v", words, n, a, got[:n], b, want[:n])
		}
	}
}

// Runs of a row, short and long, are copied as whoever looks at each byte would.
func TestCopyRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for range 500 {
		text := make([]byte, r.IntN(3), 4096)
		from := len(text)
		var ends []uint32
		for range 2 + r.IntN(12) {
			for range []int{0, r.IntN(12), 29 + r.IntN(6), 61 + r.IntN(6), 200}[r.IntN(5)] {
				text = append(text, byte('a'+r.IntN(26)))
			}
			ends = append(ends, uint32(len(text)))
			text = append(text, ',')
		}
		var runs []run
		var want []byte
		for column := r.IntN(2); column < len(ends); column += 2 + r.IntN(2) {
			next := run{int32(column - 1), int32(min(column+r.IntN(2), len(ends)-1))}
			begins := from
			if column > 0 {
				begins = int(ends[column-1]) + 1
			}
			runs, want = append(runs, next), append(want, text[begins:ends[next.last]+1]...)
		}
		for name, copies := range map[string]func(dst, text []byte, from int, ends []uint32, runs []run) int{"this": copyRuns, "any": plainCopyRuns} {
			dst := make([]byte, len(text)+slack)
			if n := copies(dst, text, from, ends, runs); string(dst[:n]) != string(want) {
				t.Fatalf("%s processor copies %q of %q, %v: %q", name, dst[:n], text, runs, want)
			}
		}
	}
}

// Where there is too little room nothing is written over.
func TestCopyRunsWithoutRoom(t *testing.T) {
	if !cpu.X86.HasAVX2 {
		t.Skip("this processor copies byte by byte")
	}
	whole := append(make([]byte, 0, 8+slack), "abc,def,"...)
	room := make([]byte, len(whole)+slack)
	for name, too := range map[string]struct{ dst, text []byte }{
		"in what leaves":  {room[: len(whole)+slack-2 : len(whole)+slack-2], whole},
		"behind the text": {room, whole[: 8 : 8+slack-1]},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: it copies all the same", name)
				}
			}()
			copyRuns(too.dst, too.text, 0, []uint32{3, 7}, []run{{rowBegins, 0}})
		}()
	}
}
