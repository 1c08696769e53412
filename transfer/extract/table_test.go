package extract

import (
	"bytes"
	"slices"
	"testing"
)

// Each field of each row is found from its number alone, and each row whole.
func TestTable(t *testing.T) {
	tests := map[string]struct {
		before string // what stands in the text before the first row
		rows   []string
		fields [][]string
	}{
		"lines end with LF":         {"", []string{"a,bc\n", "d,\n"}, [][]string{{"a", "bc"}, {"d", ""}}},
		"lines end with CRLF":       {"", []string{"a,bc\r\n", "d,\r\n"}, [][]string{{"a", "bc"}, {"d", ""}}},
		"some with one, some other": {"", []string{"a,b\r\n", "c,d\n", "e,f\r\n"}, [][]string{{"a", "b"}, {"c", "d"}, {"e", "f"}}},
		"a CR in the middle":        {"", []string{"a\r,b\r\r\n"}, [][]string{{"a\r", "b\r"}}},
		"the last has no line end":  {"", []string{"a,b\n", "c,d"}, [][]string{{"a", "b"}, {"c", "d"}}},
		"the last ends with CR":     {"", []string{"a,b\n", "c,d\r"}, [][]string{{"a", "b"}, {"c", "d"}}},
		"one column":                {"", []string{"a\n", "\r\n", "\n", "b\r\n"}, [][]string{{"a"}, {""}, {""}, {"b"}}},
		"line ends in quotes":       {"", []string{"\"a\n,\",b\n", "\"\"\"\r\n\",\"\"\r\n"}, [][]string{{"\"a\n,\"", "b"}, {"\"\"\"\r\n\"", "\"\""}}},
		"rows before it":            {"odd\n", []string{"a,b\n", "c,d\r\n"}, [][]string{{"a", "b"}, {"c", "d"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := []byte(tt.before)
			rows := &table{from: len(text), width: len(tt.fields[0])}
			for _, row := range tt.rows {
				ends, regular := byTheLetter([]byte(row), dialect{',', true}, rows.width)
				if !regular {
					t.Fatalf("%q is no row of %d columns", row, rows.width)
				}
				for _, end := range ends {
					rows.ends = append(rows.ends, uint32(len(text))+end)
				}
				text = append(text, row...)
			}
			rows.text = text
			if rows.rows() != len(tt.rows) {
				t.Fatalf("there are %d rows", rows.rows())
			}
			var row record
			for i, want := range tt.fields {
				rows.place(i, &row)
				var alone, placed []string
				for n := range rows.width {
					alone, placed = append(alone, string(rows.field(i, n).of(text))), append(placed, string(row.field(n)))
				}
				if !slices.Equal(alone, want) || !slices.Equal(placed, want) {
					t.Errorf("row %d has %q, and as a record %q", i, alone, placed)
				}
				if string(row.bytes()) != tt.rows[i] || !bytes.HasSuffix(row.bytes(), row.lineEnd()) || row.stop+len(row.lineEnd()) != row.to {
					t.Errorf("row %d is %q, and ends with %q", i, row.bytes(), row.lineEnd())
				}
			}
		})
	}
}
