package extract_test

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/csv"
	"io"
	"slices"
	"testing"

	"darsd/dars"
	"darsd/transfer/extract"
	"darsd/transfer/extract/artificial"
)

// The same job by Pack and by encoding/csv: leave out those who object, keep
// all columns or twelve, take the four digests. (encoding/csv changes quotes and
// line ends on the way; it is here for the time only.)
func BenchmarkPack(b *testing.B) {
	e := artificial.Episodes{Seed: 1, Persons: 20_000, Year: 2001, Identifiable: true}
	var source, list bytes.Buffer
	if err := e.Write(&source, 60_000); err != nil {
		b.Fatal(err)
	}
	if err := e.WriteObjections(&list, 0.05, artificial.Plain); err != nil {
		b.Fatal(err)
	}
	objectors, _, err := extract.ReadList(&list)
	if err != nil {
		b.Fatal(err)
	}
	columns := e.Columns()
	twelve := []string{"FYEAR", "EPIKEY", "PSEUDO_HESID", "ADMIDATE", "ADMIMETH", "DIAG_4_01", "DIAG_4_02", "DISDATE", "EPISTART", "OPERTN_4_01", "PROCODE3", "SEX"}

	for _, keep := range []struct {
		name    string
		columns []string
	}{{"twelve", twelve}, {"all", nil}} {
		b.Run(keep.name+"/Pack", func(b *testing.B) {
			b.SetBytes(int64(source.Len()))
			b.ReportAllocs()
			for b.Loop() {
				_, err := extract.Pack(b.Context(), extract.Job{
					Dataset: dars.Dataset{Code: "HES_APC", Person: "NEWNHSNO", Unmatched: dars.Withhold, Format: dars.Format{Delimiter: ",", Quoted: true, Header: true},
						Files: []dars.SourceFile{{Period: "200199", Path: "x"}}},
					Files: []extract.File{{ID: "FILE0000001", Period: "200199", Name: "x.csv"}}, Columns: keep.columns, Objections: objectors, Uphold: true,
					Open:   func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(source.Bytes())), nil },
					Create: func(string) (io.WriteCloser, error) { return discard{}, nil },
					Key:    office,
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(keep.name+"/encoding-csv", func(b *testing.B) {
			b.SetBytes(int64(source.Len()))
			b.ReportAllocs()
			for b.Loop() {
				r := csv.NewReader(bytes.NewReader(source.Bytes()))
				r.ReuseRecord = true
				w := csv.NewWriter(io.MultiWriter(discard{}, sha512.New(), sha256.New(), sha1.New(), md5.New()))
				var places []int
				person := slices.Index(columns, "NEWNHSNO")
				row := make([]string, 0, len(columns))
				for n := 0; ; n++ {
					rec, err := r.Read()
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					if n == 0 {
						for i, name := range rec {
							if keep.columns == nil || slices.Contains(keep.columns, name) {
								places = append(places, i)
							}
						}
					} else if number, why := dars.ParseNHSNumber(rec[person]); why != "" || objectors.Has(number) {
						continue
					}
					row = row[:0]
					for _, i := range places {
						row = append(row, rec[i])
					}
					if err := w.Write(row); err != nil {
						b.Fatal(err)
					}
				}
				w.Flush()
			}
		})
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) Close() error                { return nil }

func BenchmarkReadList(b *testing.B) {
	var list bytes.Buffer
	e := artificial.Episodes{Seed: 1, Persons: 250_000}
	if err := e.WriteObjections(&list, 1, artificial.Plain); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(list.Len()))
	for b.Loop() {
		if _, _, err := extract.ReadList(bytes.NewReader(list.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}
