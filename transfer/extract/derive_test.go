package extract

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"darsd/dars"
)

func TestReadDay(t *testing.T) {
	for text, want := range map[string]day{
		"1968-04-30": 19680430, "1968-04-30T12:00:00": 19680430, "1968-04-30 12:00": 19680430,
		"30APR1968": 19680430, "30apr1968": 19680430, "30Apr1968:00:00:00": 19680430, "01JAN2000": 20000101, "31DEC1999": 19991231,
		"2000-02-29": 20000229, "2024-02-29": 20240229, "1900-02-28": 19000228, "1800-01-02": 18000102,
		// No days of the calendar.
		"1900-02-29": 0, "2023-02-29": 0, "2023-04-31": 0, "2023-00-10": 0, "2023-13-10": 0, "2023-10-00": 0, "31APR1968": 0, "0000-01-01": 0,
		// Of no such form.
		"": 0, "1968": 0, "196804": 0, "041968": 0, "1968-4-30": 0, "30/04/1968": 0, "1968/04/30": 0, "19680430": 0, "1968-04-30x": 0, "30XYZ1968": 0,
		"30ANF1968": 0, "30APR68": 0, "30APR1968x": 0, "3OAPR1968": 0, "１968-04-30": 0, "-968-04-30": 0, "Null": 0,
		// What stands for nothing.
		"1800-01-01": 0, "1801-01-01": 0, "1600-01-01": 0, "1582-10-15": 0, "01JAN1800": 0, "15OCT1582:00:00:00": 0,
	} {
		if got, ok := readDay([]byte(text)); got != want || ok != (want != 0) {
			t.Errorf("%q: %d %v, not %d", text, got, ok, want)
		}
	}
}

func TestReadMonth(t *testing.T) {
	for text, want := range map[string]day{
		"041968": 19680401, "122001": 20011201, "010001": 10101,
		"": 0, "41968": 0, "001968": 0, "131968": 0, "0419680": 0, "04 968": 0, "196804": 0, "011800": 0, "011801": 0, "011600": 0, "101582": 0, "000000": 0,
	} {
		if got, ok := readMonth([]byte(text)); got != want || ok != (want != 0) {
			t.Errorf("%q: %d %v, not %d", text, got, ok, want)
		}
	}
}

func TestAgeAt(t *testing.T) {
	for _, tt := range []struct {
		birth, at day
		want      int // negative: none
	}{
		{19680430, 20160430, 48}, {19680430, 20160429, 47}, {19680430, 20160501, 48}, {19680430, 19680430, 0}, {19680430, 19690429, 0}, {19680430, 19690430, 1},
		{19680430, 19680429, -1}, {19680430, 19670430, -1},
		{20000229, 20010228, 0}, {20000229, 20010301, 1}, {20000229, 20040228, 3}, {20000229, 20040229, 4},
		{18860101, 20160101, 130}, {18860101, 20161231, 130}, {18860101, 20170101, -1},
	} {
		if got, ok := ageAt(tt.birth, tt.at); ok != (tt.want >= 0) || ok && got != tt.want {
			t.Errorf("born on %d, on %d: %d %v, not %d", tt.birth, tt.at, got, ok, tt.want)
		}
	}
}

func TestReadAge(t *testing.T) {
	for text, want := range map[string]int{
		"0": 0, "7": 7, "045": 45, "130": 130, "7001": 0, "7007": 0, "45.9": 45, "0.0416": 0, "1.12345678901234": 1,
		"": -1, "131": -1, "999": -1, "7000": -1, "7008": -1, "7001.5": -1, "-1": -1, "4x": -1, "45.": -1, ".5": -1, "45.x": -1, "4e1": -1, "Null": -1,
		"99999999999999999999": -1,
	} {
		if got, ok := readAge([]byte(text)); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d %v, not %d", text, got, ok, want)
		}
	}
}

func TestBands(t *testing.T) {
	b, err := newBands("0-4,5-9,18,90+")
	if err != nil {
		t.Fatal(err)
	}
	for age, want := range map[int]string{0: "0-4", 4: "0-4", 5: "5-9", 9: "5-9", 10: "", 17: "", 18: "18", 19: "", 89: "", 90: "90+", 130: "90+"} {
		got := ""
		if i := b.of[age]; i >= 0 {
			got = b.names[i]
		}
		if got != want {
			t.Errorf("%d: %q, not %q", age, got, want)
		}
	}
	if _, err := newBands("all"); err == nil {
		t.Error("what is no band is taken")
	}
}

func TestDistrict(t *testing.T) {
	for postcode, want := range map[string]string{
		"M1 1AA": "M1", "M60 1NW": "M60", "CR2 6XH": "CR2", "DN55 1PT": "DN55", "W1A 1HQ": "W1A", "EC1A 1BB": "EC1A", "SW1A1AA": "SW1A",
		"M1   1AA": "M1", "CR2  6XH": "CR2", "sw1a 1aa": "SW1A", " LS1 4AP ": "LS1", "GIR 0AA": "GIR", "gir0aa": "GIR", "BT1 5GS": "BT1", "E20 2ST": "E20",
		"": "", "M1": "", "SW1A": "", "1AA": "", "M1 AAA": "", "M1 1A1": "", "M 1AA": "", "MM 1AA": "", "99 1AA": "", "MMM1 1AA": "", "M111 1AA": "", "SW1AA 1AA": "",
		"GIR 1AA": "", "GIR 0AB": "", "GIR 0BA": "", "ABC 1AA": "", "Q1 1AA": "", "V1 1AA": "", "X1 1AA": "", "AI1 1AA": "", "AJ1 1AA": "", "AZ1 1AA": "",
		"ZZ99 3VZ": "", "ZZ99 6CZ": "", "M1 1AC": "", "M1 1AI": "", "M1 1OA": "", "M1\t1AA": "", "M1-1AA": "", "S W1A 1AA": "", "M1 1 AA": "", "Null": "", "É1 1AA": "",
	} {
		if got := string(appendDistrict([]byte("|"), []byte(postcode))); got != "|"+want {
			t.Errorf("%q: %q, not %q", postcode, got[1:], want)
		}
	}
}

var lads = dars.AreaTable{Name: "LAD", File: "lad.csv", From: "PCD", To: "LAD"}

func TestAreas(t *testing.T) {
	a, err := ReadAreas(strings.NewReader("\ufeffLAD,NAME,PCD\r\nE08000035,Leeds,LS1 4AP\r\nE08000035,Leeds,LS1  4AB\r\n\"E09000033\",\"Westminster, City of\",SW1A1AA\r\n,,ZZ99 3VZ\r\nE08000035,Leeds,ls14ap\r\n"), lads)
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{"LS1 4AP": "E08000035", "LS14AB": "E08000035", "ls1 4ap": "E08000035", "sw1a 1aa": "E09000033",
		"": "", "LS1": "", "LS1 4AQ": "", "ZZ99 3VZ": "", "LS14AP0123456789X": "", "LS14AP\x00": ""} {
		got := ""
		if i := a.find([]byte(code)); i >= 0 {
			got = a.names[i]
		}
		if got != want {
			t.Errorf("%q: %q, not %q", code, got, want)
		}
	}
	if len(a.names) != 2 {
		t.Errorf("areas: %q", a.names)
	}
}

func TestTablesThatAreRefused(t *testing.T) {
	for says, text := range map[string]string{
		"it is empty":                                   "",
		"does not name the columns PCD and LAD":         "PCD|LAD\nLS1|E1\n",
		"line 3: LS1 4AP is in E2 here, and in E1":      "PCD,LAD\nLS1 4AP,E1\nLS1 4AP,E2\n",
		`line 2: "" is no code`:                         "PCD,LAD\n,E1\n",
		`line 2: "12345678901234567" is no code of 1`:   "PCD,LAD\n12345678901234567,E1\n",
		"record on line 2: wrong number of fields":      "PCD,LAD\nLS1\n",
		"line 4, column 2: extraneous or missing \" in": "PCD,LAD\nLS1,E1\nLS2,\"E1\nx\"y\"\n",
	} {
		_, err := ReadAreas(strings.NewReader(text), lads)
		var no *dars.Refusal
		if !errors.As(err, &no) || no.Rule != "table-malformed" || !strings.HasPrefix(no.Sentence, "table LAD (lad.csv): ") {
			t.Errorf("%q: %v", text, err)
		} else if !strings.Contains(no.Sentence, says) {
			t.Errorf("%q: %v", text, err)
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := ReadAreas(iotest.ErrReader(broken), lads); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// Days are those of package time, and ages those that counting birthdays gives.
func FuzzDaysAndAges(f *testing.F) {
	f.Add("1968-04-30", "2016-04-29")
	f.Add("29FEB2000", "2001-02-28")
	f.Add("041968", "7003")
	f.Fuzz(func(t *testing.T, birth, at string) {
		parse := func(text string) (day, bool) {
			got, ok := readDay([]byte(text))
			head := text
			if len(text) > 10 && (text[10] == 'T' || text[10] == ' ') {
				head = text[:10]
			}
			want, err := time.Parse(time.DateOnly, head)
			if ascii(text) && err == nil && want.Year() > 0 && ok == nothing(want.Year(), int(want.Month()), want.Day()) {
				t.Errorf("%q: %d %v", text, got, ok)
			}
			if ok && !inCalendar(got.year(), got.month(), int(got)%100) {
				t.Errorf("%q is %d", text, got)
			}
			return got, ok
		}
		b, ok := parse(birth)
		a, ok2 := parse(at)
		if ok && ok2 {
			birthdays := 0
			for y := b.year() + 1; y <= a.year() && birthdays <= oldest+1; y++ {
				if int(a) >= y*10000+b.monthDay() {
					birthdays++
				}
			}
			if years, ok := ageAt(b, a); ok != (a >= b && birthdays <= oldest) || ok && years != birthdays {
				t.Errorf("born on %d, on %d: %d %v, not %d", b, a, years, ok, birthdays)
			}
			month, year := string(appendBirthMonth(nil, b)), string(appendBirthYear(nil, b))
			if again, ok := readMonth([]byte(month)); len(month) != 6 || len(year) != 4 || month[2:] != year ||
				ok && again.year()*100+again.month() != int(b)/100 {
				t.Errorf("born on %d: %s %s", b, month, year)
			}
		}
		if m, ok := readMonth([]byte(birth)); ok && string(appendBirthMonth(nil, m)) != birth {
			t.Errorf("%q is %d", birth, m)
		}
		if years, ok := readAge([]byte(at)); ok && (years < 0 || years > oldest) {
			t.Errorf("%q is %d", at, years)
		}
	})
}

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c >= 0x80 })
}

func FuzzDistrict(f *testing.F) {
	for _, p := range []string{"SW1A 1AA", "GIR 0AA", "M1   1AA", "ZZ99 3VZ"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, postcode string) {
		got := string(appendDistrict(nil, []byte(postcode)))
		if got == "" {
			return
		}
		// It is the beginning of the postcode, and again of the postcode as it should be written.
		plain := strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(postcode), " ", ""))
		if len(got) < 2 || len(got) > 4 || len(plain) != len(got)+3 || !strings.HasPrefix(plain, got) {
			t.Errorf("%q: %q", postcode, got)
		}
		if again := string(appendDistrict(nil, []byte(got+" "+plain[len(got):]))); again != got {
			t.Errorf("%q: %q, and then %q", postcode, got, again)
		}
	})
}

func FuzzAreas(f *testing.F) {
	f.Add("PCD,LAD\nLS1 4AP,E1\n", "ls14ap")
	f.Fuzz(func(t *testing.T, table, code string) {
		a, err := ReadAreas(strings.NewReader(table), lads)
		if err != nil {
			return
		}
		if i := a.find([]byte(code)); i >= 0 && (i >= len(a.names) || strings.TrimSpace(a.names[i]) != a.names[i] || a.names[i] == "") {
			t.Errorf("%q is in %d of %q", code, i, a.names)
		}
	})
}

func TestDerivingAllocatesNothing(t *testing.T) {
	a, err := ReadAreas(strings.NewReader("PCD,LAD\nLS1 4AP,E1\n"), lads)
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]byte, 0, 64)
	birth, at, code := []byte("30APR1968:00:00:00"), []byte("2016-04-30"), []byte("LS1 4AP")
	if n := testing.AllocsPerRun(100, func() {
		b, _ := readDay(birth)
		d, _ := readDay(at)
		years, _ := ageAt(b, d)
		dst = appendDistrict(appendBirthMonth(append(dst[:0], ageNames[years]...), b), code)
		if a.find(code) != 0 {
			t.Errorf("%s is not found", code)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if string(dst) != "48041968LS1" {
		t.Errorf("%q", dst)
	}
}
