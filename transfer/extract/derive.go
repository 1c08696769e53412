package extract

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"darsd/dars"
)

// What is derived from a value is plain: it says less than the value, and where
// nothing is certain it says nothing. Values come bare, without quotes and white
// space around.

// A day is YYYYMMDD.
type day int32

func (d day) year() int     { return int(d) / 10000 }
func (d day) month() int    { return int(d) / 100 % 100 }
func (d day) monthDay() int { return int(d) % 10000 }

// readDay reads 1968-04-30, perhaps with a time behind, or 30APR1968 as SAS writes
// it, perhaps with ":00:00:00" behind (domain 7.2). It has to be a day of the
// calendar, and none of those that stand for nothing (domain 7.3).
func readDay(value []byte) (day, bool) {
	var year, month, d int
	var ok [3]bool
	switch {
	case len(value) >= 10 && value[4] == '-' && value[7] == '-':
		if len(value) > 10 && value[10] != 'T' && value[10] != ' ' {
			return 0, false
		}
		year, ok[0] = digits(value[:4])
		month, ok[1] = digits(value[5:7])
		d, ok[2] = digits(value[8:10])
	case len(value) >= 9:
		if len(value) > 9 && value[9] != ':' {
			return 0, false
		}
		d, ok[0] = digits(value[:2])
		month, ok[1] = monthNamed(value[2:5])
		year, ok[2] = digits(value[5:9])
	}
	if !ok[0] || !ok[1] || !ok[2] || !inCalendar(year, month, d) || nothing(year, month, d) {
		return 0, false
	}
	return day(year*10000 + month*100 + d), true
}

// readMonth reads 041968, as MYDOB is written, as the first of that month.
func readMonth(value []byte) (day, bool) {
	if len(value) != 6 {
		return 0, false
	}
	month, ok := digits(value[:2])
	year, ok2 := digits(value[2:])
	if !ok || !ok2 || !inCalendar(year, month, 1) || nothing(year, month, 1) || nothing(year, month, 15) {
		return 0, false
	}
	return day(year*10000 + month*100 + 1), true
}

// nothing knows the dates that stand for no date: where the calendars of
// programs begin.
func nothing(year, month, d int) bool {
	switch year*10000 + month*100 + d {
	case 15821015, 16000101, 18000101, 18010101:
		return true
	}
	return false
}

func inCalendar(year, month, d int) bool {
	if year < 1 || month < 1 || month > 12 || d < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		days++
	}
	return d <= days
}

func monthNamed(name []byte) (month int, ok bool) {
	i := strings.Index("JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", string([]byte{upper(name[0]), upper(name[1]), upper(name[2])}))
	return i/3 + 1, i >= 0 && i%3 == 0
}

// digits reads a number of up to nine ASCII digits.
func digits(text []byte) (n int, ok bool) {
	for _, c := range text {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(text) > 0 && len(text) < 10
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 0x20
	}
	return c
}

// oldest is in years: who would be older has a wrong date.
const oldest = 130

// ageAt is the age in whole years of somebody on a day. It is one more from the
// birthday on; who is born on 29 February has it on 1 March where that day is
// missing. Nobody has an age before birth.
func ageAt(birth, at day) (years int, ok bool) {
	years = at.year() - birth.year()
	if at.monthDay() < birth.monthDay() {
		years--
	}
	return years, years >= 0 && years <= oldest
}

// readAge reads an age in years as HES has it: 7001 to 7007 are the first year of
// life in parts (domain 7.3), and what stands behind a point counts for nothing.
func readAge(value []byte) (years int, ok bool) {
	whole, part, isPart := bytes.Cut(value, []byte("."))
	years, ok = digits(whole)
	if isPart {
		if _, isNumber := digits(part[:min(len(part), 9)]); !isNumber {
			return 0, false
		}
	}
	if ok && !isPart && years >= 7001 && years <= 7007 {
		return 0, true
	}
	return years, ok && years <= oldest
}

// ageBands say in which band an age lies: an index into names, or negative.
type ageBands struct {
	names []string
	of    [oldest + 1]int16
}

// newBands takes bands such as "0-4,5-89,90+".
func newBands(text string) (*ageBands, error) {
	parsed, err := dars.ParseBands(text)
	if err != nil {
		return nil, err
	}
	b := &ageBands{}
	for i := range b.of {
		b.of[i] = -1
	}
	for i, band := range parsed {
		b.names = append(b.names, band.Name)
		for years := band.From; years <= min(band.To, oldest); years++ {
			b.of[years] = int16(i)
		}
	}
	return b, nil
}

// appendBirthMonth writes MMYYYY.
func appendBirthMonth(dst []byte, birth day) []byte {
	dst = append(dst, byte('0'+birth.month()/10), byte('0'+birth.month()%10))
	return appendBirthYear(dst, birth)
}

// appendBirthYear writes YYYY.
func appendBirthYear(dst []byte, birth day) []byte {
	y := birth.year()
	return append(dst, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10))
}

// appendDistrict writes the district of a postcode, SW1A of SW1A 1AA, or nothing
// where it is none: too short, of no form that is in use, or ZZ99, which stands
// for no place in the country. Spaces before the last three characters and small
// letters make no difference.
func appendDistrict(dst, postcode []byte) []byte {
	postcode = bytes.TrimSpace(postcode)
	if len(postcode) < 5 {
		return dst
	}
	cut := len(postcode) - 3
	inward, outward := postcode[cut:], bytes.TrimRight(postcode[:cut], " ")
	if inward[0]-'0' > 9 || !inwardLetter(inward[1]) || !inwardLetter(inward[2]) || len(outward) < 2 || len(outward) > 4 {
		return dst
	}
	var form [4]byte // A for a letter, 9 for a digit
	var code [4]byte
	for i, c := range outward {
		c = upper(c)
		code[i] = c
		switch {
		case c >= 'A' && c <= 'Z':
			form[i] = 'A'
		case c >= '0' && c <= '9':
			form[i] = '9'
		default:
			return dst
		}
	}
	n := len(outward)
	switch string(form[:n]) {
	case "A9", "A99", "AA9", "AA99", "A9A", "AA9A":
		if strings.IndexByte("QVX", code[0]) >= 0 || form[1] == 'A' && strings.IndexByte("IJZ", code[1]) >= 0 {
			return dst // as in ZZ99
		}
	case "AAA":
		if string(code[:n]) != "GIR" || string(inward[:1]) != "0" || upper(inward[1]) != 'A' || upper(inward[2]) != 'A' {
			return dst
		}
	default:
		return dst
	}
	return append(dst, code[:n]...)
}

// inwardLetter reports whether a letter stands at the end of postcodes: those that
// look like digits or each other do not.
func inwardLetter(c byte) bool {
	c = upper(c)
	return c >= 'A' && c <= 'Z' && strings.IndexByte("CIKMOV", c) < 0
}

// Areas give areas for codes, by a table of the office.
type Areas struct {
	names []string
	of    map[areaCode]uint32 // into names
}

// An areaCode is a code in capitals, without spaces, so that postcodes are found
// in any spelling.
type areaCode [16]byte

const maxAreas = 4_000_000 // lines of a table; the postcodes of the country are some 2.6 million

func codeOf(text []byte) (code areaCode, ok bool) {
	n := 0
	for _, c := range text {
		if c == ' ' {
			continue
		}
		if n == len(code) || c == 0 { // zero bytes fill a code up
			return code, false
		}
		code[n] = upper(c)
		n++
	}
	return code, n > 0
}

// ReadAreas reads a table: with commas and a header. It refuses one that gives two
// areas for one code, since the area of a person is then a matter of chance. The
// table is the office's own, so a refusal may repeat its codes.
func ReadAreas(r io.Reader, t dars.AreaTable) (*Areas, error) {
	refuse := func(sentence string, args ...any) error {
		return dars.Refuse("table-malformed", t.Name, "table %s (%s): "+sentence, append([]any{t.Name, t.File}, args...)...)
	}
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	header, err := rows.Read()
	var malformed *csv.ParseError
	switch {
	case err == io.EOF:
		return nil, refuse("it is empty")
	case errors.As(err, &malformed):
		return nil, refuse("%v", err)
	case err != nil:
		return nil, err
	}
	header[0] = strings.TrimPrefix(header[0], bom)
	from, to := slices.Index(header, t.From), slices.Index(header, t.To)
	if from < 0 || to < 0 {
		return nil, refuse("its first line does not name the columns %s and %s, with a comma between them", t.From, t.To)
	}
	areas, places := &Areas{of: map[areaCode]uint32{}}, map[string]uint32{}
	for {
		row, err := rows.Read()
		switch {
		case err == io.EOF:
			return areas, nil
		case errors.As(err, &malformed):
			return nil, refuse("%v", err)
		case err != nil:
			return nil, err
		}
		line, _ := rows.FieldPos(0)
		name := strings.TrimSpace(row[to])
		code, ok := codeOf([]byte(row[from]))
		switch {
		case name == "":
			continue // a code of no area is as good as unknown
		case !ok:
			return nil, refuse("line %d: %q is no code of 1 to %d characters", line, row[from], len(code))
		case len(areas.of) == maxAreas:
			return nil, refuse("it has more than %d codes", maxAreas)
		}
		place, known := places[name]
		if !known {
			name = strings.Clone(name) // not the whole row with it
			place = uint32(len(areas.names))
			areas.names = append(areas.names, name)
			places[name] = place
		}
		if before, twice := areas.of[code]; twice && before != place {
			return nil, refuse("line %d: %s is in %s here, and in %s in a line before", line, row[from], name, areas.names[before])
		}
		areas.of[code] = place
	}
}

// find returns the place of a code's area among names, or a negative number.
func (a *Areas) find(value []byte) int {
	code, ok := codeOf(value)
	if !ok {
		return -1
	}
	place, ok := a.of[code]
	if !ok {
		return -1
	}
	return int(place)
}

// ageNames are all ages as they are written.
var ageNames = func() (names [oldest + 1]string) {
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}()
