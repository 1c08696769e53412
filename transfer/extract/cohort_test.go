package extract

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"unsafe"

	"darsd/dars"
)

func cohort(t testing.TB, text string, numbers bool, column string) (*Cohort, CohortReport) {
	t.Helper()
	c, report, err := ReadCohort(strings.NewReader(text), numbers, column)
	if err != nil {
		t.Fatal(err)
	}
	return c, report
}

func TestReadCohort(t *testing.T) {
	long := strings.Repeat("7", 1025)
	for name, tt := range map[string]struct {
		text    string
		numbers bool
		column  string
		has     []string
		hasNot  []string
		report  string // given, valid, invalid, duplicates
	}{
		"numbers, in any spelling": {"999 000 0018\r\n9990000026,\r\n\"999-000-0034\"\r\n\r\n", true, "",
			[]string{"9990000018", "999 000 0018", "9990000026", "9990000034"}, []string{"9990000042", "9990000019", "", "x"}, "3 3 [] []"},
		"a header": {"NHS Number\n9990000018\n", true, "", []string{"9990000018"}, nil, "1 1 [] []"},
		"bad numbers": {"9990000018\n9990000019\nann\n\n" + long + "\n12\n", true, "", []string{"9990000018"}, []string{"9990000019"},
			"5 1 [{2 the check digit is wrong (modulus 11)} {3 a character that is no digit} {5 longer than 1,024 bytes} {6 fewer than ten digits}] []"},
		"the same twice":                   {"9990000018\n9990000026\n999 000 0018\n9990000018", true, "", []string{"9990000018"}, nil, "4 2 [] [{3 the same as line 1} {4 the same as line 1}]"},
		"a mark at the start, no line end": {"\ufeff9990000018", true, "", []string{"9990000018"}, nil, "1 1 [] []"},
		"keys after a mark":                {"\ufeffTEST01\n", false, "", []string{"TEST01"}, nil, "1 1 [] []"},
		"keys as they are": {"TEST01\n test02 \n\"TE\"\"ST\"\n007\n7", false, "",
			[]string{"TEST01", "test02", `TE"ST`, "007", "7"}, []string{"test01", "TEST02", "0007", ""}, "5 5 [] []"},
		"a column, with commas": {"id,person,site\n1,9990000018,\"Leeds, West\"\n2,\"999 000 0026\",\n\"3, x\",9990000034\n4\n5,\"9990000042\"x,\n", true, "person",
			[]string{"9990000018", "9990000026", "9990000034"}, []string{"9990000042"}, "5 3 [{5 fewer fields than the header} {6 a quotation mark that is not closed at the end of its field}] []"},
		"a column, with bars":           {"\n site|\"KEY\"\nLeeds|A1\nYork|A2|more\nHull|\n", false, "KEY", []string{"A1", "A2"}, []string{"Leeds", ""}, "3 2 [{5 empty}] []"},
		"the first of many columns":     {"KEY;b\r\nA1;x\r\n;y\r\n", false, "KEY", []string{"A1"}, nil, "2 1 [{3 empty}] []"},
		"a line that no buffer holds":   {strings.Repeat("x", 200_000) + "\nA1\n" + strings.Repeat("y", 64<<10), false, "", []string{"A1"}, []string{"x"}, "3 1 [{1 longer than 1,024 bytes} {3 longer than 1,024 bytes}] []"},
		"a header that no buffer holds": {"KEY," + strings.Repeat("x", 200_000) + "\nA1,\n", false, "KEY", []string{"A1"}, nil, "1 1 [] []"},
	} {
		t.Run(name, func(t *testing.T) {
			c, report := cohort(t, tt.text, tt.numbers, tt.column)
			if got := fmt.Sprint(report.Given, report.Valid, report.Invalid, report.Duplicates); got != tt.report {
				t.Errorf("%s, not %s", got, tt.report)
			}
			if report.InvalidCount != len(report.Invalid) || report.DuplicateCount != len(report.Duplicates) || report.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(tt.text))) {
				t.Errorf("%+v", report)
			}
			for _, id := range tt.hasNot {
				if c.Has([]byte(id)) {
					t.Errorf("%q is in it", id)
				}
			}
			if c.Found() != 0 {
				t.Error("somebody is found who is not in it")
			}
			for _, id := range tt.has {
				if !c.Has([]byte(id)) {
					t.Errorf("%q is not in it", id)
				}
			}
		})
	}
}

func TestCohortsThatAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		text    string
		numbers bool
		column  string
		rule    string
	}{
		"nothing":                   {"", true, "", "cohort-empty"},
		"a header and nobody":       {"NHS\n", true, "", "cohort-empty"},
		"no valid number":           {"9990000019\n", true, "", "cohort-empty"},
		"nothing, where a column":   {"\n", false, "KEY", "cohort-malformed"},
		"no such column":            {"id,person\n1,A1\n", false, "KEY", "cohort-malformed"},
		"a quote that never closes": {"\"KEY,id\nA1,1\n", false, "KEY", "cohort-malformed"},
		"UTF-16":                    {"\xff\xfe9\x00\n\x00", true, "", "cohort-malformed"},
		"lines that end with CR":    {"9990000018\r9990000026\r", true, "", "cohort-malformed"},
	} {
		_, _, err := ReadCohort(strings.NewReader(tt.text), tt.numbers, tt.column)
		var no *dars.Refusal
		if !errors.As(err, &no) || no.Rule != tt.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := errors.New("the disk is gone")
	for _, before := range []string{"", "A1\nA", strings.Repeat("x", 100_000)} {
		if _, _, err := ReadCohort(io.MultiReader(strings.NewReader(before), iotest.ErrReader(broken)), false, ""); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", len(before), err)
		}
	}
}

func TestCohortsHaveAnEnd(t *testing.T) {
	if _, report, err := readCohort(strings.NewReader("KEY\n\nA\nB\nA\n"), false, "KEY", 3); err != nil || report.Given != 3 {
		t.Errorf("%+v %v", report, err)
	}
	_, _, err := readCohort(strings.NewReader("A\nB\nA\n\nB"), false, "", 3)
	var no *dars.Refusal
	if !errors.As(err, &no) || no.Rule != "cohort-too-long" {
		t.Errorf("%v", err)
	}
}

// No report tells a value.
func TestCohortReportsNameNobody(t *testing.T) {
	_, report := cohort(t, "9990000018\n9990000019\n9990000018\n", true, "")
	for _, value := range []string{"9990000018", "9990000019"} {
		if strings.Contains(fmt.Sprint(report.Invalid, report.Duplicates), value) {
			t.Errorf("%v tells %s", report, value)
		}
	}
}

// Each that is asked for is found, once, and no stranger is.
func TestCohortIsCountedBack(t *testing.T) {
	const given = 5000
	var text strings.Builder
	for i := range given {
		fmt.Fprintf(&text, "K%d\n", i)
	}
	c, report := cohort(t, text.String(), false, "")
	if report.Valid != given {
		t.Fatalf("%+v", report)
	}
	for i := range 6 * given { // every third of them, twice, and as many strangers
		if k := i % (2 * given); k%3 == 0 && c.Has(fmt.Appendf(nil, "K%d", k)) != (k < given) {
			t.Errorf("K%d", k)
		}
	}
	if got := c.Found(); got != (given+2)/3 {
		t.Errorf("%d are found", got)
	}
}

// Workers who find members at the same moment do not forget each other's. They
// walk along side by side, so that they meet in the same words of memory.
func TestCohortIsCountedByMany(t *testing.T) {
	const given = 20_000
	var text strings.Builder
	for i := range given {
		fmt.Fprintf(&text, "K%d\n", i)
	}
	c, _ := cohort(t, text.String(), false, "")
	ids := make([][]byte, given)
	for i, m := range c.members {
		ids[i] = fmt.Appendf(nil, "K%d", m.line-1)
	}
	for range 60 {
		clear(c.found)
		var all sync.WaitGroup
		start := make(chan struct{})
		for worker := range 2 {
			all.Go(func() {
				<-start
				for i := worker; i < given; i += 2 {
					c.Has(ids[i])
				}
			})
		}
		close(start)
		all.Wait()
		if got := c.Found(); got != given {
			t.Fatalf("%d of %d are found", got, given)
		}
	}
}

// The first thousand lines are told, in order, of however many.
func TestManyDuplicates(t *testing.T) {
	_, report := cohort(t, "A\n"+strings.Repeat("A\nB\n", 3000), false, "")
	if report.DuplicateCount != 5999 || len(report.Duplicates) != 1000 {
		t.Fatalf("%d, of which %d are told", report.DuplicateCount, len(report.Duplicates))
	}
	for i, d := range report.Duplicates[1:] {
		if d.Line != i+4 {
			t.Fatalf("number %d is line %d", i+1, d.Line)
		}
	}
}

func TestRoomForCohorts(t *testing.T) {
	if most := maxCohort*unsafe.Sizeof(member{}) + 4<<startBits + maxCohort/8; most > 300<<20 {
		t.Errorf("the longest takes %d MB", most>>20)
	}
	c, _ := cohort(t, "A1\n9990000018\n", false, "")
	if cap(c.members) > 100 {
		t.Errorf("a short one keeps room for %d", cap(c.members))
	}
	n, _ := cohort(t, "9990000018\n", true, "")
	value := []byte("9990000018")
	if a := testing.AllocsPerRun(1000, func() { c.Has(value); n.Has(value) }); a >= 2 {
		t.Errorf("a row allocates %v times", a)
	}
	if !n.HasNumber(9990000018) || n.HasNumber(9990000026) || c.HasNumber(9990000018) {
		t.Error("numbers of persons are not what is found")
	}
}

// A cohort has what a plain reading of its lines has.
func FuzzCohort(f *testing.F) {
	f.Add("9990000018\n9990000026\n", true, "")
	f.Add("a,b\n1,2\n\"x\"\"y\",\n", false, "b")
	f.Add("A\r\nB\r\n", false, "")
	f.Fuzz(func(t *testing.T, text string, numbers bool, column string) {
		c, report, err := ReadCohort(strings.NewReader(text), numbers, column)
		if err != nil {
			return
		}
		if report.Given != report.Valid+report.InvalidCount+report.DuplicateCount || report.Valid == 0 {
			t.Errorf("%+v", report)
		}
		if numbers || column != "" || strings.Contains(text, `"`) {
			return
		}
		distinct := map[string]bool{}
		for line := range strings.Lines(strings.TrimPrefix(text, bom)) {
			if id := plain(bytes.TrimRight([]byte(line), "\r\n")); len(id) > 0 && len(line) < maxCohortID {
				distinct[string(id)] = true
				if !c.Has(id) {
					t.Errorf("%q is not in it", id)
				}
			}
		}
		if len(distinct) != c.Found() {
			t.Errorf("%d are found of %d", c.Found(), len(distinct))
		}
	})
}

func BenchmarkCohort(b *testing.B) {
	var text strings.Builder
	const size = 1_000_000
	for i := range size {
		fmt.Fprintf(&text, "K%09d\n", i*7)
	}
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(text.Len()))
		for b.Loop() {
			cohort(b, text.String(), false, "")
		}
	})
	c, _ := cohort(b, text.String(), false, "")
	b.Run("ask", func(b *testing.B) {
		values := make([][]byte, 1<<16)
		for i := range values {
			values[i] = fmt.Appendf(nil, "K%09d", i*2_654_435_761%(2*7*size))
		}
		i := 0
		for b.Loop() {
			c.Has(values[i%len(values)])
			i++
		}
	})
}
