package extract_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/transfer/extract"
)

// aside packs a source of which malformed rows are put aside.
func aside(t *testing.T, d dars.Dataset, source string, chunk int) (data string, err error) {
	t.Helper()
	d.Malformed = dars.Quarantine
	bag, result, err := pack(t, d, shelf{"visits.csv": []byte(source)}, func(j *extract.Job) {
		j.Pace(chunk, 2)
		j.Quarantine = func() (io.WriteCloser, error) { return shelf{}.create("aside") }
	})
	if err == nil {
		balances(t, result)
	}
	return string(bag[dataFile]), err
}

// The rest of an objector's row must not leave as a neighbour's, whatever has lost
// the row's end.
func TestWhatLosesTheEndOfARow(t *testing.T) {
	mother := "mother," + ann + ",2001-04-02,SECRET OF BOB\n"
	for name, tt := range map[string]struct {
		rows   string
		quoted bool
		says   string
	}{
		"quotes that are not doubled":  {"2," + bob + ",2001-04-01,\"he said \"no\" and\n" + mother + "\"\n", true, "line 2, byte 51: a character between"},
		"a quote where none may be":    {"2," + bob + ",2001-04-01,he said \"no\n" + mother, true, "line 2, byte 49: a quotation mark inside"},
		"a broken line":                {"2," + bob + ",2001-04-01\n" + mother, false, "line 2, byte 17: it has 3 fields, and there are 4 columns; it is not put aside"},
		"a broken line, where quoted":  {"2," + bob + ",2001-04-01\n" + mother, true, "line 2, byte 17: it has 3 fields"},
		"a delimiter and a line end":   {"2," + bob + ",2001-04-01,well, he said\n" + mother, true, "line 2, byte 17: it has 5 fields"},
		"an empty line":                {"2," + bob + ",2001-04-01,he said\n\n" + mother, true, "line 3, byte 49: it is empty"},
		"a line of quotes in a note":   {"2," + bob + ",2001-04-01,he said\n\"no\"\n" + mother, true, "line 3, byte 49: it has 1 fields"},
		"the other fields in quotes":   {`"2","` + bob + `","2001-04-01"` + "\n\"a\",\"" + ann + "\",\"\",\"SECRET OF BOB\"\nc," + ann + ",,x\n", true, "line 2, byte 17: it has 3 fields"},
		"a row of nobody in the index": {"c/o neighbour\n2,,,SECRET OF BOB\n", true, "line 2, byte 17: it has 1 fields"},
	} {
		t.Run(name, func(t *testing.T) {
			d := visits()
			d.Format.Quoted, d.Unmatched = tt.quoted, dars.ReleaseRow
			for _, chunk := range []int{7, 1 << 20} {
				data, err := aside(t, d, head+tt.rows+"9,"+ann+",,x\n", chunk)
				if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(data, "SECRET") {
					t.Errorf("%v: %q", err, data)
				}
			}
		})
	}
}

// Whoever writes rows badly: no letter of an objector's note leaves. A writer who
// puts everything into quotes is trusted with the ends of its rows.
func TestNoLetterOfAnObjectorLeaves(t *testing.T) {
	writers := map[string]func(value string) string{
		"no quotes": func(v string) string { return v },
		"quotes where needed, not doubled": func(v string) string {
			if strings.ContainsAny(v, ",\n") {
				return `"` + v + `"`
			}
			return v
		},
		"quotes": func(v string) string { return `"` + strings.ReplaceAll(v, `"`, `""`) + `"` },
	}
	pieces := []string{"§", "§,", "§\n", "\"§", "§\"", "\n", "§,§,§\n", ",\"§\",", "§\n\n"}
	for name, write := range writers {
		left, stopped := 0, 0
		for seed := range uint64(400) {
			r := rand.New(rand.NewPCG(seed, 11))
			var source strings.Builder
			source.WriteString(head)
			broken := false
			for range 1 + r.IntN(12) {
				fields := []string{"1", ann, "", "x"}
				if r.IntN(2) == 0 {
					var note string
					for range r.IntN(4) {
						note += pieces[r.IntN(len(pieces))]
					}
					fields = []string{"2", bob, "", note}
				}
				if r.IntN(6) == 0 {
					fields = append(fields, "more")
				}
				for i, f := range fields {
					fields[i] = write(f)
				}
				line := strings.Join(fields, ",")
				broken = broken || strings.Contains(line, "§")
				source.WriteString(line + "\n")
			}
			data, err := aside(t, visits(), source.String(), 1+r.IntN(200))
			if strings.Contains(data, "§") {
				t.Fatalf("%s: of\n%s\nleaves\n%s", name, source.String(), data)
			}
			if err != nil {
				stopped++
			} else if broken {
				left++
			}
		}
		if left == 0 || name != "quotes" && stopped == 0 {
			t.Errorf("%s: %d were packaged and %d stopped: the cases say nothing", name, left, stopped)
		}
	}
}

// FuzzNoNoteLeaves: an objector's note may hold anything, in quotes or not.
func FuzzNoNoteLeaves(f *testing.F) {
	f.Add([]byte("he said \"no\" and\nmother,§\n"), true)
	f.Add([]byte("\nc/o§"), false)
	f.Fuzz(func(t *testing.T, note []byte, quoted bool) {
		// What is written as a whole row of another person is another person's:
		// nothing could tell it from one.
		if bytes.Contains(note, []byte(ann)) || bytes.Contains(note, []byte(cat)) || bytes.Contains(note, []byte(dan)) || len(note) > 4096 {
			t.Skip()
		}
		d := visits()
		d.Format.Quoted, d.Unmatched = quoted, dars.Withhold
		data, err := aside(t, d, head+"1,"+ann+",,x\n2,"+bob+",,"+string(note)+"\n3,"+ann+",,x\n", 64)
		if rest := strings.TrimPrefix(data, head); err == nil && strings.Trim(rest, ",x\n0123456789") != "" {
			t.Fatalf("%q leaves", data)
		}
	})
}
