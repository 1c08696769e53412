package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"darsd/transfer/extract/artificial"
)

// columns are those of hospital episodes, in an order as they come.
var columns = strings.Fields(`
EPIKEY NEWNHSNO DOB HOMEADD SEX ETHNOS LSOA11 PROCODE ADMIDATE ADMIMETH ADMISORC DISDATE DISMETH DISDEST EPISTART EPIEND
EPIDUR EPIORDER EPISTAT CLASSPAT MAINSPEF DIAG_01 DIAG_02 DIAG_03 DIAG_04 DIAG_05 DIAG_06 DIAG_07 DIAG_08 DIAG_09 DIAG_10
DIAG_11 DIAG_12 OPERTN_01 OPERTN_02 OPERTN_03 OPERTN_04 GPPRAC SITEDESC FYEAR`)

const person = "NEWNHSNO"

const objecting = 54 // in a thousand: 3.4 million of a country of 63 million

// A country is how many persons there are.
type country uint64

// random is splitmix64: the same row from the same number, whoever makes it.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	x := uint64(*r)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (r *random) below(n uint64) uint64 { return r.next() >> 32 * n >> 32 }

// number is a person's NHS number, in the ranges that are issued. No two persons
// share one: each has four stems, one of which has a check digit.
func number(who uint64) []byte {
	for x := who*4 + 1; ; x++ {
		stem := x%300_000_000*77_777_777%300_000_000 + 400_000_000
		if stem >= 500_000_000 {
			stem += 100_000_000
		}
		if n, ok := artificial.NHSNumber(stem); ok {
			return strconv.AppendUint(nil, n, 10)
		}
	}
}

func objects(who uint64) bool {
	r := random(who * 3)
	return r.below(1000) < objecting
}

var odd = []string{`"Day case unit, north wing"`, `"Ward ""7"" (surgical)"`, "\"Renal unit\nlevel 2\"", "\"Ysbyty Gwynedd, Bangor – côté\"", `""`, "\"1,2\n3,4\""}

// row appends a row. In one of a hundred a field is in quotes, in one of three
// hundred all are.
func (all country) row(b []byte, n uint64) []byte {
	r := random(n * 0x123457)
	who := r.below(uint64(all))
	if r.below(10) < 3 {
		who -= who % 315 // comes often
	}
	own := random(who)
	born, admitted := own.below(30_000), 38_000+r.below(3_600)
	stay := r.below(8) * r.below(8)
	from := len(b)
	for i, name := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		switch {
		case name == "EPIKEY":
			b = strconv.AppendUint(b, 500_000_000_000+n, 10)
		case name == person:
			if r.below(100) > 0 { // else nobody knows
				b = append(b, number(who)...)
			}
		case name == "DOB":
			b = append(b, days[born]...)
		case name == "ADMIDATE" || name == "EPISTART":
			b = append(b, days[admitted]...)
		case name == "DISDATE" || name == "EPIEND":
			b = append(b, days[admitted+stay]...)
		case name == "HOMEADD":
			b = append(b, "LS"...)
			b = strconv.AppendUint(b, 1+own.below(28), 10)
			b = append(b, ' ', byte('1'+own.below(9)), 'A'+byte(own.below(26)), 'A'+byte(own.below(26)))
		case name == "LSOA11":
			b = strconv.AppendUint(append(b, 'E'), 1_000_000+own.below(32_844), 10)
		case name == "PROCODE":
			b = append(b, 'R', 'A'+byte(r.below(22)), 'A'+byte(r.below(20)), '0', byte('1'+r.below(5)))
		case name == "GPPRAC":
			b = strconv.AppendUint(append(b, 'A'+byte(own.below(16))), 80_000+own.below(9_999), 10)
		case name == "SITEDESC" && r.below(100) == 0:
			b = append(b, odd[r.below(uint64(len(odd)))]...)
		case name == "SITEDESC":
			b = strconv.AppendUint(append(b, "Site "...), 1000+r.below(900), 10)
		case name == "FYEAR":
			b = append(b, "1819"...)
		case strings.HasPrefix(name, "DIAG") || strings.HasPrefix(name, "OPERTN"):
			if uint64(i)%12 < 5+r.below(9) {
				b = strconv.AppendUint(append(b, 'A'+byte(r.below(26))), 1000+r.below(9000), 10)
			}
		default:
			b = strconv.AppendUint(b, r.below(1_000_000), 10)
		}
	}
	if r.below(300) == 0 && bytes.IndexByte(b[from:], '"') < 0 {
		b = append(b[:from], `"`+strings.ReplaceAll(string(b[from:]), ",", `","`)+`"`...)
	}
	return append(b, '\n')
}

// days are the days from 1915 on, as text.
var days = func() (all []string) {
	for n := range 42_000 {
		all = append(all, time.Date(1915, 1, 1+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	return all
}()

// generate writes a source and a list of objections.
func (all country) generate(source, list string, rows int) error {
	if err := write(list, func(w *bufio.Writer) {
		fmt.Fprintln(w, person)
		for k := range uint64(all) {
			if who := k * 28_999_997 % uint64(all); objects(who) { // in no order
				w.Write(number(who))
				w.WriteByte('\n')
			}
		}
	}); err != nil {
		return err
	}
	return write(source, func(w *bufio.Writer) {
		fmt.Fprintln(w, strings.Join(columns, ","))
		const block = 20_000
		parts := make(chan chan []byte, runtime.NumCPU())
		go func() {
			defer close(parts)
			for from := 0; from < rows; from += block {
				part := make(chan []byte, 1)
				parts <- part
				go func() {
					var b []byte
					for n := from; n < min(from+block, rows); n++ {
						b = all.row(b, uint64(n))
					}
					part <- b
				}()
			}
		}()
		for part := range parts {
			w.Write(<-part)
		}
	})
}

func write(path string, fill func(*bufio.Writer)) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, 1<<20)
	fill(w)
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}
