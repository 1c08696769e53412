package extract_test

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"darsd/dars"
)

// TestAgreementsByPlainMeans follows random agreements a second time, value by
// value and slowly, with nothing of ours but the words of the agreement.
func TestAgreementsByPlainMeans(t *testing.T) {
	left, withheld := 0, 0
	for seed := range uint64(400) {
		c := anyCase(seed, seed%3 == 0)
		got, want := c.outcome(t), c.byPlainMeans()
		c.compare(t, got, want, "plain means")
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		left, withheld = left+got.out, withheld+got.withheld
	}
	if left < 2000 || withheld < 700 {
		t.Errorf("%d rows left and %d were withheld: too few to say", left, withheld)
	}
}

// plainRows reads delimited text letter by letter.
func plainRows(text string, f dars.Format) (rows [][]string) {
	text = strings.TrimPrefix(text, "\xef\xbb\xbf")
	for at := 0; at < len(text); {
		var row []string
		for more := true; more; {
			var value strings.Builder
			if f.Quoted && at < len(text) && text[at] == '"' {
				for at++; ; at++ {
					if text[at] == '"' {
						if at++; at == len(text) || text[at] != '"' {
							break
						}
					}
					value.WriteByte(text[at])
				}
			}
			for at < len(text) && text[at] != f.Delimiter[0] && text[at] != '\n' && text[at:] != "\r" && !strings.HasPrefix(text[at:], "\r\n") {
				value.WriteByte(text[at])
				at++
			}
			row = append(row, value.String())
			if more = at < len(text) && text[at] == f.Delimiter[0]; more {
				at++
			}
		}
		if at < len(text) && text[at] == '\r' {
			at++
		}
		at++ // the line feed
		rows = append(rows, row)
	}
	return rows
}

// plainNumber reads an NHS number, or gives "".
func plainNumber(text string) string {
	digits := strings.TrimSuffix(strings.NewReplacer(" ", "", "-", "", ",", "", `"`, "").Replace(strings.TrimSpace(text)), ".0")
	if len(digits) != 10 || strings.Trim(digits, "0123456789") != "" || digits != "9999999999" && strings.Count(digits, digits[:1]) == 10 {
		return ""
	}
	sum := 0
	for i, c := range digits {
		sum += int(c-'0') * (10 - i)
	}
	if sum%11 != 0 {
		return ""
	}
	return digits
}

// A plainReading is a case while it is followed by plain means.
type plainReading struct {
	*agreedCase
	place     map[string]int
	objectors map[string]bool
	numbers   map[string][]string // of each key in the index
	cohort    map[string]bool
	areas     map[string]string
}

func (c *agreedCase) byPlainMeans() (o outcome) {
	p := plainReading{c, map[string]int{}, map[string]bool{}, map[string][]string{}, map[string]bool{}, map[string]string{}}
	for i, name := range c.columns {
		p.place[name] = i
	}
	for line := range strings.Lines(string(c.list)) {
		p.objectors[plainNumber(line)] = true
	}
	delete(p.objectors, "")
	for _, row := range plainRows(string(c.index), dars.Format{Delimiter: string(c.indexComma), Quoted: true})[1:] {
		key := strings.TrimSpace(row[2])
		p.numbers[key] = append(p.numbers[key], plainNumber(row[1]))
	}
	for i, row := range plainRows(string(c.cohort), dars.Format{Delimiter: string(max(c.cohortComma, 1)), Quoted: true}) {
		if c.request.Cohort.Column == "" || i > 0 {
			p.cohort[p.member(strings.TrimSpace(row[len(row)-1]))] = true
		}
	}
	for _, row := range plainRows(string(c.table), dars.Format{Delimiter: ",", Quoted: true})[1:] {
		p.areas[strings.ToUpper(strings.ReplaceAll(row[1], " ", ""))] = row[0]
	}

	rows := plainRows(string(c.source), c.dataset.Format)
	if c.dataset.Format.Header {
		o.rows = append(o.rows, p.names())
		rows = rows[1:]
	}
	gone, nobody := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		o.in++
		if !p.wants(row) {
			o.outside++
			continue
		}
		person, objects, known := p.person(row)
		switch {
		case objects && c.upheld:
			o.withheld++
			gone[person] = true
			continue
		case !known:
			o.unmatched++
			if person != "" {
				nobody[person] = true
			}
			if c.upheld && c.dataset.Unmatched == dars.Withhold {
				continue
			}
		}
		o.out++
		o.rows = append(o.rows, p.leaves(row))
	}
	o.personsWithheld, o.personsNotMatching = len(gone), len(nobody)
	return o
}

// value is what a field says, or "" for nothing.
func (p plainReading) value(row []string, name string) string {
	value := strings.TrimSpace(row[p.place[name]])
	field, _ := p.dataset.Field(name)
	for _, m := range field.Missing {
		if value == strings.TrimSpace(m) {
			return ""
		}
	}
	return value
}

// person says whose a row is, by number or key.
func (p plainReading) person(row []string) (who string, objects, known bool) {
	who = p.value(row, "PERSON")
	numbers := p.numbers[who]
	if p.dataset.Index == nil {
		numbers = []string{plainNumber(who)}
	}
	for _, n := range numbers {
		objects, known = objects || p.objectors[n], known || n != ""
	}
	if p.dataset.Index == nil && known {
		who = numbers[0]
	}
	return who, objects, known && who != ""
}

func (p plainReading) wants(row []string) bool {
	day := strings.TrimSpace(row[p.place["DAY"]])
	if p.from != "" || p.to != "" {
		isDay := regexp.MustCompile(`^\d{4}-\d\d-\d\d([ T].*)?$`).MatchString(day) && day != "1799-12-31"
		if !isDay || day[:10] < string(p.from) || p.to != "" && day[:10] > string(p.to) {
			return false
		}
	}
	for _, f := range p.request.Rows {
		said, match := p.asks(f, row)
		if !match && !said || match == f.Not {
			return false
		}
	}
	if p.request.Cohort != nil {
		who := p.member(p.value(row, "PERSON"))
		return who != "" && p.cohort[who]
	}
	return true
}

func (p plainReading) asks(f dars.RowFilter, row []string) (said, match bool) {
	if f.Ages != "" {
		age := p.age(row, f.Fields[0], f.At)
		return age >= 0, bandOf(f.Ages, age) != ""
	}
	var names []string
	for _, name := range f.Fields {
		if name == "DIAG_01..DIAG_03" {
			names = append(names, "DIAG_01", "DIAG_02", "DIAG_03")
		} else {
			names = append(names, name)
		}
	}
	for _, name := range names {
		raw := strings.TrimSpace(row[p.place[name]])
		match = match || slices.Contains(f.Codes, raw) || slices.ContainsFunc(f.Prefixes, func(prefix string) bool { return strings.HasPrefix(raw, prefix) })
		said = said || p.value(row, name) != ""
	}
	return said, match
}

// plainDay reads a day, or gives the zero time.
func plainDay(value string) time.Time {
	for _, form := range []struct{ pattern, layout string }{{`^\d{4}-\d\d-\d\d([ T]|$)`, "2006-01-02"}, {`^\d\d[A-Za-z]{3}\d{4}(:|$)`, "02Jan2006"}} {
		if regexp.MustCompile(form.pattern).MatchString(value) {
			day, err := time.Parse(form.layout, value[:len(form.layout)])
			if err != nil || slices.Contains([]string{"15821015", "16000101", "18000101", "18010101"}, day.Format("20060102")) {
				return time.Time{}
			}
			return day
		}
	}
	return time.Time{}
}

// age is in whole years, or negative.
func (p plainReading) age(row []string, field, at string) int {
	if field == "ALTER_JAHRE_é" {
		value := p.value(row, field)
		if regexp.MustCompile(`^700[1-7]$`).MatchString(value) {
			return 0
		}
		if !regexp.MustCompile(`^\d+(\.\d+)?$`).MatchString(value) {
			return -1
		}
		years, _, _ := strings.Cut(value, ".")
		if age, err := strconv.Atoi(years); err == nil && age <= 130 {
			return age
		}
		return -1
	}
	if at == "DAY" {
		at = p.value(row, "DAY")
	}
	birth, on := plainDay(p.value(row, field)), plainDay(at)
	if birth.IsZero() || on.IsZero() || on.Before(birth) {
		return -1
	}
	age := 0
	for !birth.AddDate(age+1, 0, 0).After(on) { // AddDate makes 1 March of 29 February where there is none
		age++
	}
	if age > 130 {
		return -1
	}
	return age
}

func bandOf(bands string, age int) string {
	for band := range strings.SplitSeq(bands, ",") {
		var from, to int
		switch {
		case strings.HasSuffix(band, "+"):
			from, _ = strconv.Atoi(strings.TrimSuffix(band, "+"))
			to = 130
		default:
			low, high, isRange := strings.Cut(band, "-")
			from, _ = strconv.Atoi(low)
			if to = from; isRange {
				to, _ = strconv.Atoi(high)
			}
		}
		if age >= from && age <= to && age >= 0 {
			return band
		}
	}
	return ""
}

func (p plainReading) names() []string { return p.each(func(c dars.Column) string { return c.Name() }) }

func (p plainReading) leaves(row []string) []string {
	return p.each(func(c dars.Column) string { return p.derive(c, row) })
}

// each asks for every column that leaves, in order.
func (p plainReading) each(of func(dars.Column) string) (all []string) {
	for _, c := range p.request.Columns {
		all = append(all, of(c))
	}
	if p.request.Columns != nil {
		return all
	}
	for _, name := range p.columns {
		if p.approved == nil || slices.Contains(p.approved, name) {
			all = append(all, of(dars.Column{Field: name}))
		}
	}
	return all
}

func (p plainReading) derive(c dars.Column, row []string) string {
	value := p.value(row, c.Field)
	birth := plainDay(value)
	switch c.Derive {
	case "":
		return row[p.place[c.Field]]
	case "pseudonym":
		if value == "" {
			return row[p.place[c.Field]]
		}
		field, _ := p.dataset.Field(c.Field)
		return plainPseudonym(p.key, field.Pseudonym, p.canonical(c.Field, value))
	case "age":
		if age := p.age(row, c.Field, c.At); age >= 0 {
			return fmt.Sprint(age)
		}
	case "age-band":
		return bandOf(c.Bands, p.age(row, c.Field, c.At))
	case "birth-month":
		if !birth.IsZero() {
			return birth.Format("012006")
		}
	case "birth-year":
		if month, err := time.Parse("012006", value); c.Field == "MYDOB" && err == nil && !slices.Contains([]string{"101582", "011600", "011800", "011801"}, value) {
			return month.Format("2006")
		}
		if !birth.IsZero() {
			return birth.Format("2006")
		}
	case "postcode-district":
		if m := regexp.MustCompile(`^(?i)([A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-Z]?) *[0-9][ABD-HJLNP-UW-Z]{2}$`).FindStringSubmatch(value); m != nil {
			return strings.ToUpper(m[1])
		}
		if regexp.MustCompile(`^(?i)GIR *0AA$`).MatchString(value) {
			return "GIR"
		}
	case "area":
		return p.areas[strings.ToUpper(strings.ReplaceAll(value, " ", ""))]
	}
	return ""
}

// canonical is a person's value in the one spelling that pseudonyms are made of.
func (p plainReading) canonical(field, value string) string {
	if n := plainNumber(value); n != "" && field == "PERSON" && p.dataset.Index == nil {
		return n
	}
	return value
}

// member is what a person is looked for by in the cohort, or "".
func (p plainReading) member(value string) string {
	if p.dataset.Index == nil {
		return plainNumber(value)
	}
	return value
}

// plainPseudonym is the formula of the manual, written down again: an AES block of
// the value and zero bytes, or of 87 bits of the AES-CMAC of a long value.
func plainPseudonym(key []byte, kind, value string) string {
	expand := func(label string) []byte { // HKDF-Expand, RFC 5869, of one block
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("darsd pseudonyms 1 " + label + " " + kind + "\x01"))
		return mac.Sum(nil)
	}
	block := make([]byte, 16)
	if copy(block, value); len(value) > 11 || value[0] >= 0x80 || strings.Contains(value, "\x00") {
		clear(block)
		copy(block, plainCMAC(expand("digest"), []byte(value))[:11])
		block[0] |= 0x80
	}
	cipher, _ := aes.NewCipher(expand("block"))
	cipher.Encrypt(block, block)
	var letters strings.Builder
	for _, b := range block {
		letters.WriteByte("BCDFGHJKLMNPQRST"[b/16])
		letters.WriteByte("BCDFGHJKLMNPQRST"[b%16])
	}
	return letters.String()
}

// plainCMAC is RFC 4493, step by step.
func plainCMAC(key, message []byte) []byte {
	cipher, _ := aes.NewCipher(key)
	double := func(b []byte) []byte {
		out := make([]byte, 16)
		for i := range out {
			out[i] = b[i] << 1
			if i < 15 {
				out[i] |= b[i+1] >> 7
			}
		}
		if b[0] >= 0x80 {
			out[15] ^= 0x87
		}
		return out
	}
	last := make([]byte, 16)
	cipher.Encrypt(last, last)
	last = double(last)
	if len(message) == 0 || len(message)%16 > 0 {
		last = double(last)
		message = append(slices.Clone(message), 0x80)
		for len(message)%16 > 0 {
			message = append(message, 0)
		}
	}
	sum := make([]byte, 16)
	for i := 0; i < len(message); i += 16 {
		for k := range 16 {
			sum[k] ^= message[i+k]
			if i+16 == len(message) {
				sum[k] ^= last[k]
			}
		}
		cipher.Encrypt(sum, sum)
	}
	return sum
}
