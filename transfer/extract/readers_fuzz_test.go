package extract_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"darsd/dars"
	"darsd/transfer/extract"
)

// FuzzAgreement: whatever is agreed over whatever rows, what leaves is what plain
// means say.
func FuzzAgreement(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, seed%2 == 0)
	}
	f.Fuzz(func(t *testing.T, seed uint64, hostile bool) {
		c := anyCase(seed, hostile)
		c.compare(t, c.outcome(t), c.byPlainMeans(), "plain means")
	})
}

// FuzzIndex: of whatever index is read at all, a person with a number that objects
// is withheld, as a reading letter by letter has it.
func FuzzIndex(f *testing.F) {
	f.Add("A,"+ann+"\nB,"+bob+"\n", "A")
	f.Add("\"A\"\"\",\"999 000 0026\"\r\nA,\r\n\"A\n\"\"\","+ann, `A"`)
	f.Add(" A ,"+bob+"\n\n", " A")
	list := objections(f, bob)
	f.Fuzz(func(t *testing.T, index, key string) {
		d := indexed()
		d.Unmatched = dars.ReleaseRow
		source := head + `1,"` + strings.ReplaceAll(key, `"`, `""`) + `",,x` + "\n"
		bag, result, err := pack(t, d, shelf{"visits.csv": []byte(source), "index.csv": []byte("nhs,NUMBER\n" + index)}, func(j *extract.Job) {
			j.Objections, j.IndexCoverage = list, 0
		})
		if err != nil {
			if !says(err, "") {
				t.Fatalf("what is wrong with a file is no fault of the office: %v", err)
			}
			return
		}
		objects, known := false, false
		for _, row := range plainRows(index, dars.Format{Delimiter: ",", Quoted: true}) {
			if strings.ContainsAny(row[0]+key, "'") || strings.TrimSpace(row[0]) != strings.TrimSpace(key) || strings.TrimSpace(key) == "" {
				continue // an apostrophe around a value may be its own or not
			}
			if n, why := dars.ParseNHSNumber(row[1]); why == "" {
				objects, known = objects || list.Has(n), true
			}
		}
		if strings.Contains(key, "'") {
			return
		}
		counts := result.Files[0]
		if withheld := counts.RowsWithheld == 1; withheld != objects || (counts.RowsUnmatched == 0) != known {
			t.Fatalf("of %q in %q: %+v, and by the letter objects %v, known %v; %q leaves", key, index, counts, objects, known, bag[dataFile])
		}
	})
}

// FuzzLatin: in Windows-1252 every byte is a letter. Each row that leaves has its
// own bytes, and whoever objects does so in any spelling of that encoding.
func FuzzLatin(f *testing.F) {
	f.Add([]byte("1,999\xa0000\xa00026,,\xe9\n"))
	f.Add([]byte("1," + bob + ",,\x96\x81\n2," + ann + ",\xff,x\n"))
	list := objections(f, bob)
	f.Fuzz(func(t *testing.T, rows []byte) {
		d := visits()
		d.Format.Quoted, d.Format.Encoding, d.Unmatched = false, "windows-1252", dars.ReleaseRow
		bag, result, err := pack(t, d, shelf{"visits.csv": append([]byte(head), rows...)}, func(j *extract.Job) { j.Objections = list })
		if err != nil {
			if !says(err, "") {
				t.Fatal(err)
			}
			return
		}
		var want []byte
		lines := bytes.SplitAfter(rows, []byte("\n"))
		for _, line := range lines {
			fields := bytes.Split(line, []byte(","))
			if len(fields) != 4 {
				continue
			}
			number, _ := charmap.Windows1252.NewDecoder().String(string(fields[1]))
			if n, why := dars.ParseNHSNumber(number); why == "" && list.Has(n) {
				continue
			}
			want = append(want, line...)
		}
		if got := bag[dataFile][len(head):]; !bytes.Equal(got, want) {
			t.Fatalf("%q leaves, not %q", got, want)
		}
		if !slices.Equal(result.Columns, []string{"key", "nhs", "day", "note"}) {
			t.Error(result.Columns)
		}
	})
}
