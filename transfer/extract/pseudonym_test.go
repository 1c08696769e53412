package extract

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"darsd/dars"
)

// The examples of NIST for CMAC with AES-256 (SP 800-38B, D.3).
func TestCMAC(t *testing.T) {
	key, _ := hex.DecodeString("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
	text, _ := hex.DecodeString("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
		"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
	m, err := newCMAC(key)
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]string{
		0:  "028962f61b7bf89efc6b551f4667d983",
		16: "28a7023f452e8f82bd4bf28d8c37c35c",
		40: "aaf3d8f1de5640c232f5b169b9c911e6",
		64: "e1992190549f6ed5696a2c056c315410",
	} {
		var sum [16]byte
		m.sum(sum[:], text[:size])
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("of %d bytes: %s, not %s", size, got, want)
		}
	}
}

// aKey is the key of a case in tests.
func aKey(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

func pseudonyms(t testing.TB, key byte, kind string) *Pseudonyms {
	t.Helper()
	p, err := NewPseudonyms(aKey(key), kind)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What has left with these once must leave with these for ever.
func TestPseudonymsOfOld(t *testing.T) {
	p, e := pseudonyms(t, 1, "person"), pseudonyms(t, 1, "episode")
	for _, tt := range []struct {
		of          *Pseudonyms
		value, want string
	}{
		{p, "9990000018", "HPCRKHHBCSHHFHCHRMDDFMDMCKQDTDDJ"},
		{e, "9990000018", "TRMBQTPQRHGBJGMTRPDDQQJNRMSJKMCL"},
		{p, "TEST0000000000000000000000000001", "GFMMCCMFHDGBSSLNKDFNFPKMCCDCBBFG"},
		{p, "123456789012", "KSCQHDQNMNGSPTKFCSLSCJDLBRRPKHLJ"},
		{p, "\x80", "TFNDGNKRLTPNBNQPBTFKJLFFLLJPFKBK"},
		{p, "", ""},
	} {
		if got := string(tt.of.Append(nil, []byte(tt.value))); got != tt.want {
			t.Errorf("%q: %s, not %s", tt.value, got, tt.want)
		}
	}
}

func TestNewPseudonymsRefuses(t *testing.T) {
	for _, key := range [][]byte{nil, make([]byte, 16), make([]byte, 33)} {
		if _, err := NewPseudonyms(key, "person"); err == nil {
			t.Errorf("a key of %d bytes", len(key))
		}
	}
	if _, err := NewPseudonyms(aKey(1), ""); err == nil {
		t.Error("no kind")
	}
}

// looksLikeOne is what recipients may rely on.
func looksLikeOne(t *testing.T, pseudonym string) {
	t.Helper()
	if len(pseudonym) != 32 || strings.Trim(pseudonym, consonants) != "" {
		t.Fatalf("%q is not 32 of the letters", pseudonym)
	}
	if _, why := dars.ParseNHSNumber(pseudonym); why == "" {
		t.Fatalf("%q may be taken for an NHS number", pseudonym)
	}
}

func FuzzPseudonym(f *testing.F) {
	for _, value := range []string{"9990000018", "TEST0000000000000000000000000001", "a", "\x00", "a\x00", "elevenbytes", "twelve bytes", "é", "\x7f\xff"} {
		f.Add([]byte(value))
	}
	p, again, other, kind := pseudonyms(f, 1, "person"), pseudonyms(f, 1, "person"), pseudonyms(f, 2, "person"), pseudonyms(f, 1, "episode")
	f.Fuzz(func(t *testing.T, value []byte) {
		if len(value) == 0 {
			return
		}
		was := bytes.Clone(value)
		made := p.Append([]byte("before|"), value)
		name, ok := strings.CutPrefix(string(made), "before|")
		if !ok || !bytes.Equal(value, was) {
			t.Fatal("it wrote elsewhere")
		}
		looksLikeOne(t, name)
		dirty := bytes.Repeat([]byte{0xff}, 64)
		if got := string(again.Append(dirty[:0], value)); got != name {
			t.Errorf("made again it is %s, and was %s", got, name)
		}
		for _, spelt := range []string{name, strings.ToLower(name)} {
			back, ok := p.Open(spelt)
			if !ok || back != "" && back != string(value) || (back == "") != !fits(value) {
				t.Errorf("%s opens as %q, %v", spelt, back, ok)
			}
		}
		for _, p := range []*Pseudonyms{other, kind} {
			if back, ok := p.Open(name); ok {
				t.Errorf("another key opens it: %q", back)
			}
			if string(p.Append(nil, value)) == name {
				t.Error("another key makes the same")
			}
		}
	})
}

func FuzzOpen(f *testing.F) {
	p := pseudonyms(f, 1, "person")
	f.Add(string(p.Append(nil, []byte("9990000018"))))
	f.Add(strings.Repeat("B", 32))
	f.Fuzz(func(t *testing.T, text string) {
		value, ok := p.Open(text)
		if ok && value != "" && !strings.EqualFold(string(p.Append(nil, []byte(value))), text) {
			t.Errorf("%q opens as %q, which has another pseudonym", text, value)
		}
		if !ok && value != "" {
			t.Error("a value of what is none")
		}
	})
}

// A block that nobody writes is none, even under the right key.
func TestBlocksThatNobodyWrites(t *testing.T) {
	p := pseudonyms(t, 1, "person")
	for _, plain := range []string{"", "a\x00b", "\x00a", "elevenbytesX", "elevenbytes\x00\x00\x00\x00X"} {
		var block [16]byte
		copy(block[:], plain)
		p.block.Encrypt(block[:], block[:])
		var spelt []byte
		for _, c := range block {
			spelt = append(spelt, consonants[c>>4], consonants[c&15])
		}
		if value, ok := p.Open(string(spelt)); ok {
			t.Errorf("%q opens as %q", plain, value)
		}
	}
}

// Every bit matters: no altered letter is taken for a pseudonym.
func TestAlteredPseudonyms(t *testing.T) {
	p := pseudonyms(t, 1, "person")
	for _, value := range []string{"9990000018", "TEST0000000000000000000000000001"} {
		name := p.Append(nil, []byte(value))
		for i := range name {
			for _, c := range []byte(consonants + "A0 \x00") {
				if altered := bytes.Clone(name); altered[i] != c {
					altered[i] = c
					if _, ok := p.Open(string(altered)); ok {
						t.Errorf("letter %d as %c is taken", i, c)
					}
				}
			}
		}
		if _, ok := p.Open(string(name[1:])); ok {
			t.Error("31 letters are taken")
		}
	}
}

// A hundred thousand persons in two cases: no pseudonym twice in one, none in
// both, and letters as even as chance has them, so that neither order nor likeness
// of numbers shows.
func TestPseudonymsDoNotLink(t *testing.T) {
	const persons = 100_000
	for _, form := range []string{"%010d", "TEST%028d"} {
		one, two := pseudonyms(t, 1, "person"), pseudonyms(t, 2, "person")
		seen := make(map[string]bool, 2*persons)
		var letters [32][256]int
		near := 0
		var before []byte
		for i := range persons {
			value := fmt.Appendf(nil, form, i)
			a, b := one.Append(nil, value), two.Append(nil, value)
			if seen[string(a)] || seen[string(b)] {
				t.Fatalf("person %d has the pseudonym of another", i)
			}
			seen[string(a)], seen[string(b)] = true, true
			same := 0
			for j, c := range a {
				letters[j][c]++
				if before != nil && before[j] == c {
					same++
				}
				if b[j] == c {
					near++
				}
			}
			if same > 16 {
				t.Errorf("persons %d and %d share %d letters", i-1, i, same)
			}
			before = a
		}
		for j := range letters {
			chi := 0.0 // 15 degrees of freedom: more than 60 comes once in a million times
			for _, c := range []byte(consonants) {
				d := float64(letters[j][c]) - persons/16.0
				chi += d * d / (persons / 16.0)
			}
			if chi > 60 {
				t.Errorf("letter %d is uneven (%.0f)", j, chi)
			}
		}
		// A letter in sixteen agrees between the cases; 3.2 million are 200,000, give or take 433.
		if near < 197_000 || near > 203_000 {
			t.Errorf("%d letters agree between two cases", near)
		}
	}
}

func TestFindPseudonyms(t *testing.T) {
	p := pseudonyms(t, 1, "person")
	a, b := string(p.Append(nil, []byte("9990000018"))), string(p.Append(nil, []byte("9990000026")))
	for text, want := range map[string]string{
		"":                               "[]",
		a:                                "[" + a + "]",
		"1|" + a + "|J45|\"" + b + "\"|": "[" + a + " " + b + "]",
		a + "," + a:                      "[" + a + "]",
		strings.ToLower(a):               "[" + strings.ToLower(a) + "]",
		a + b:                            "[]",
		a + "1":                          "[]",
		"A" + a:                          "[]",
		a[1:]:                            "[]",
	} {
		if got := fmt.Sprint(FindPseudonyms([]byte(text))); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func BenchmarkPseudonyms(b *testing.B) {
	p := pseudonyms(b, 1, "person")
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{10, 32} {
		value := []byte(strings.Repeat("0", size))
		buf := make([]byte, 0, 64)
		b.Run(fmt.Sprint("AES/", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				value[r.IntN(size)] = '0' + byte(r.IntN(10))
				buf = p.Append(buf[:0], value)
			}
		})
		b.Run(fmt.Sprint("HMAC-SHA-256/", size), func(b *testing.B) {
			mac := hmac.New(sha256.New, aKey(1))
			sum := make([]byte, 0, 32)
			b.SetBytes(int64(size))
			for b.Loop() {
				value[r.IntN(size)] = '0' + byte(r.IntN(10))
				mac.Reset()
				mac.Write(value)
				sum = mac.Sum(sum[:0])
				buf = hex.AppendEncode(buf[:0], sum[:16])
			}
		})
	}
}
