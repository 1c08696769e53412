// Package artificial makes data about nobody, for the demo and for tests:
// hospital episodes in the published layout of Hospital Episode Statistics
// (admitted patient care), an index of who the persons are, prescriptions of the
// same persons in another format, and a list of those of them who object.
//
// The persons are made up from a seed and stay the same over the years. Their
// NHS numbers are of the range 999 000 0000 to 999 999 9999, which is never
// issued. Some have two numbers, some none, some an invalid one: as in life.
// The same seed gives the same bytes.
package artificial

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// MaxPersons is how many persons a seed can have: each keeps four stems of the
// million that are never issued, so that no two share a number.
const MaxPersons = 250_000

// population is the persons of a seed.
type population struct {
	seed uint64
	size int
}

func (p population) check() error {
	if p.size < 1 || p.size > MaxPersons {
		return fmt.Errorf("artificial data of %d persons: say 1 to %d", p.size, MaxPersons)
	}
	return nil
}

// A person is the same in every file and year.
type person struct {
	pseudonym string
	numbers   []string // valid, or one that fails the check, or none
	unlisted  bool     // the index does not know this one
	objecting float64  // objects if the share of objectors is larger

	born                       time.Time
	male                       bool
	ethnicity                  string
	practice, postcode         string
	lsoa, msoa, district, gor  string
	trust, authority, provider string
}

// streams of random numbers that must not follow one another.
const (
	ofPersons = 1 << 40
	ofRows    = 2 << 40
	ofItems   = 3 << 40
)

func (p population) person(i int) person {
	r := rand.New(rand.NewPCG(p.seed, ofPersons+uint64(i)))
	who := person{pseudonym: "TEST" + letters(r, 28)}

	// Each stem belongs to one person: the factor has no divisor in common with
	// the number of places.
	stem := 999_000_000 + 4*((uint64(i)*77_773+p.seed)%MaxPersons)
	var numbers []string
	for n := stem; n < stem+4; n++ {
		if c := checkDigit(n); c < 10 && n != 999_999_999 { // ten nines are refused as ten equal digits
			numbers = append(numbers, fmt.Sprintf("%d%d", n, c))
		}
	}
	switch kind := r.IntN(100); {
	case kind < 2: // nobody knows a number
	case kind < 4: // one that fails the check
		last := (numbers[0][9]-'0'+1+byte(r.IntN(9)))%10 + '0'
		who.numbers = []string{numbers[0][:9] + string(last)}
	case kind < 8:
		who.numbers = numbers[:2]
	default:
		who.numbers = numbers[:1]
	}
	who.unlisted = r.IntN(100) == 0
	who.objecting = r.Float64()

	who.born = time.Date(1915, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(85*365))
	who.male = r.IntN(2) == 0
	who.ethnicity = pick(r, "Z", "A", "A", "A", "A", "0", "0", "9", "B", "C", "G", "H", "J", "L", "M", "N", "S", "X")
	who.practice = fmt.Sprintf("%c%05d", 'A'+r.IntN(16), 80_000+r.IntN(9_999))
	const inward = "ABDEFGHJLNPQRSTUWXYZ" // letters at the end of postcodes; AA is no postcode area
	who.postcode = fmt.Sprintf("AA%d %d%c%c", 1+r.IntN(98), 1+r.IntN(9), inward[r.IntN(len(inward))], inward[r.IntN(len(inward))])
	who.lsoa = fmt.Sprintf("E%08d", 1_000_001+r.IntN(32_482))
	who.msoa = fmt.Sprintf("E%08d", 2_000_001+r.IntN(6_781))
	who.district = fmt.Sprintf("%02d%c%c", r.IntN(46), 'A'+r.IntN(8), 'A'+r.IntN(20))
	who.gor = pick(r, "A", "B", "D", "E", "F", "G", "H", "J", "K")
	who.trust = fmt.Sprintf("5%c%c", 'A'+r.IntN(16), 'A'+r.IntN(16))
	who.authority = fmt.Sprintf("Q%02d", 1+r.IntN(28))
	who.provider = fmt.Sprintf("R%c%c", 'A'+r.IntN(22), 'A'+r.IntN(20))
	return who
}

// number returns one of a person's numbers as it might be written, or "".
func (p person) number(r *rand.Rand) string {
	if len(p.numbers) == 0 {
		return ""
	}
	n := p.numbers[r.IntN(len(p.numbers))]
	if r.IntN(50) == 0 {
		return spaced(n, " ")
	}
	return n
}

func spaced(n, by string) string { return n[:3] + by + n[3:6] + by + n[6:] }

// NHSNumber is the number that begins with nine digits; false: none does.
func NHSNumber(stem uint64) (number uint64, ok bool) {
	digit := checkDigit(stem)
	return stem*10 + uint64(digit), digit < 10
}

// checkDigit returns the tenth digit for nine, or 10 if there is none.
func checkDigit(stem uint64) int {
	sum := 0
	for weight := 2; weight <= 10; weight++ {
		sum += int(stem%10) * weight
		stem /= 10
	}
	return (11 - sum%11) % 11
}

// writeIndex writes who the persons are, a row for each number.
func (p population) writeIndex(w io.Writer) error {
	if err := p.check(); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s,%s\n", IndexPerson, IndexNumber)
	for i := range p.size {
		who := p.person(i)
		if who.unlisted {
			continue
		}
		for _, n := range who.numbers {
			fmt.Fprintf(out, "%s,%s\n", who.pseudonym, n)
		}
		if len(who.numbers) == 0 {
			fmt.Fprintf(out, "%s,\n", who.pseudonym)
		}
	}
	return out.Flush()
}

// The columns of the index.
const (
	IndexPerson = "PSEUDO_HESID"
	IndexNumber = "NHS_NUMBER"
)

// A Spelling is how a list of objections is written.
type Spelling string

const (
	Plain Spelling = "plain" // ten digits a line
	Mixed Spelling = "mixed" // a header, and spaces, hyphens, quotes, commas, CRLF and a blank line here and there
)

// writeObjections writes the numbers of those who object. Who objects at one
// share objects at every larger one, so lists of several dates can be made.
// Of a person's two numbers only one is on the list.
func (p population) writeObjections(w io.Writer, share float64, spelling Spelling) error {
	if err := p.check(); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if spelling == Mixed {
		out.WriteString("\xef\xbb\xbfNHS_NUMBER\r\n")
	}
	for i := range p.size {
		who := p.person(i)
		if who.objecting >= share || len(who.numbers) == 0 {
			continue
		}
		n := who.numbers[i%len(who.numbers)]
		if !valid(n) {
			continue
		}
		if spelling != Mixed {
			fmt.Fprintln(out, n)
			continue
		}
		switch i % 7 {
		case 0:
			fmt.Fprintf(out, "%s\r\n", spaced(n, " "))
		case 1:
			fmt.Fprintf(out, "%s\n", spaced(n, "-"))
		case 2:
			fmt.Fprintf(out, "\"%s\"\n", n)
		case 3:
			fmt.Fprintf(out, "%s,\n", n)
		case 4:
			fmt.Fprintf(out, "\t%s \r\n\n", n)
		default:
			fmt.Fprintf(out, "%s\n", n)
		}
	}
	return out.Flush()
}

func valid(number string) bool {
	var stem uint64
	for _, c := range number[:9] {
		stem = stem*10 + uint64(c-'0')
	}
	return checkDigit(stem) == int(number[9]-'0')
}

func letters(r *rand.Rand, n int) string {
	const all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = all[r.IntN(len(all))]
	}
	return string(b)
}

func pick(r *rand.Rand, some ...string) string { return some[r.IntN(len(some))] }
