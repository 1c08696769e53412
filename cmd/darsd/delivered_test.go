package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"
)

// A naive check of what was delivered, which shares nothing with the program: the
// whole of the source, its index and the list in memory, by encoding/csv and an
// arithmetic of its own.
type naive struct {
	delimiter       rune
	quoted, header  bool
	person          int                 // the column
	index           map[string][]string // numbers of each person, as written; nil: the column is the number itself
	objecting       map[string]bool     // by ten digits
	releaseNameless bool                // unmatched: release
}

// A sifted source is what is to be delivered of it, and what is not.
type sifted struct {
	want                []byte
	in, out             int
	withheld, unmatched int // rows
	objectors           map[string]bool
}

func (n naive) sift(t *testing.T, source []byte) (s sifted) {
	t.Helper()
	s.objectors = map[string]bool{}
	for i, record := range n.records(source) {
		if i == 0 && n.header {
			s.want = append(s.want, record...)
			continue
		}
		s.in++
		value := n.field(t, record)
		numbers := []string{value}
		if n.index != nil {
			numbers = n.index[value]
		}
		objects, nameless := false, true
		for _, number := range numbers {
			if d := tenDigits(number); d != "" {
				nameless = false
				objects = objects || n.objecting[d]
			}
		}
		switch {
		case objects:
			s.withheld++
			s.objectors[value] = true
		case nameless && !n.releaseNameless:
			s.unmatched++
		default:
			if nameless {
				s.unmatched++
			}
			s.out++
			s.want = append(s.want, record...)
		}
	}
	return s
}

// records cuts a source into records, each with its own line end.
func (n naive) records(source []byte) (all [][]byte) {
	inQuotes, begin := false, 0
	for i, c := range source {
		switch {
		case c == '"' && n.quoted:
			inQuotes = !inQuotes
		case c == '\n' && !inQuotes:
			all = append(all, source[begin:i+1])
			begin = i + 1
		}
	}
	if begin < len(source) {
		all = append(all, source[begin:])
	}
	return all
}

func (n naive) field(t *testing.T, record []byte) string {
	t.Helper()
	if !n.quoted {
		return strings.TrimSpace(strings.Split(strings.TrimRight(string(record), "\r\n"), string(n.delimiter))[n.person])
	}
	r := csv.NewReader(bytes.NewReader(record))
	r.Comma = n.delimiter
	fields, err := r.Read()
	if err != nil {
		t.Fatalf("the test cannot read a record: %v", err)
	}
	return strings.TrimSpace(fields[n.person])
}

// readNaively reads an index: two columns under a header.
func readNaively(t *testing.T, file string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("the test cannot read the index, or it is empty: %v", err)
	}
	numbers := map[string][]string{}
	for _, row := range rows[1:] {
		numbers[row[0]] = append(numbers[row[0]], row[1])
	}
	return numbers
}

// listed reads a list of objections whose numbers are written with ASCII digits.
func listed(t *testing.T, file string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if d := tenDigits(line); d != "" {
			all[d] = true
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s lists nobody: the test would show nothing", file)
	}
	return all
}

// tenDigits is a valid NHS number among other characters, or "".
func tenDigits(text string) string {
	var d []byte
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			d = append(d, text[i])
		}
	}
	if len(d) != 10 || d[9] != checkDigit(string(d[:9])) {
		return ""
	}
	return string(d)
}

// checkDigit is the tenth digit by modulus 11, or '?'.
func checkDigit(nine string) byte {
	sum := 0
	for i := range nine {
		sum += (10 - i) * int(nine[i]-'0')
	}
	switch rest := 11 - sum%11; rest {
	case 11:
		return '0'
	case 10:
		return '?'
	default:
		return byte('0' + rest)
	}
}

// holds compares a delivered file with what is to be in it, and looks for the
// objectors in it once more by their names.
func (s sifted) holds(t *testing.T, delivered []byte) {
	t.Helper()
	if s.withheld == 0 || s.out == 0 {
		t.Fatalf("of %d rows %d are withheld and %d are not: the test would show nothing", s.in, s.withheld, s.out)
	}
	if !bytes.Equal(delivered, s.want) {
		t.Errorf("what was delivered (%d bytes) is not every row of those who do not object, unchanged (%d bytes)", len(delivered), len(s.want))
	}
	for who := range s.objectors {
		if who != "" && bytes.Contains(delivered, []byte(who)) {
			t.Errorf("somebody who objects is in a delivered file")
		}
	}
}
