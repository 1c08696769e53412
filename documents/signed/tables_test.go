package signed

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A streamTable is the newer form of table, with objects that stand within another, and
// what is wrong with it.
type streamTable struct {
	packed  [][2]any // number and body
	gap     string   // between those
	shift   int      // where all but the first are said to begin, off by so much
	plain   bool     // not deflated
	unnamed bool     // the table does not name itself
	more    string   // in its dictionary
	rows    func(rows map[int][3]int)
}

// with numbers of the objects that hold others, and that is the table.
const holder, tableNumber = 60, 61

func (s streamTable) put(u *update) {
	u.table = func(u *update, trailer string) {
		rows := map[int][3]int{}
		if len(s.packed) > 0 {
			var head, body strings.Builder
			for i, o := range s.packed {
				fmt.Fprintf(&head, "%d %d ", o[0], body.Len()+min(i, 1)*s.shift)
				fmt.Fprintf(&body, "%s%s ", o[1], s.gap)
				rows[o[0].(int)] = [3]int{2, holder, i}
			}
			text := deflated(head.String() + body.String())
			u.put(holder, fmt.Sprintf("<</Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream", len(s.packed), head.Len(), len(text), text))
		}
		for _, o := range u.at {
			if !u.hidden[o[0]] {
				rows[o[0]] = [3]int{1, o[1], 0}
			}
		}
		at := u.Len()
		if !s.unnamed {
			rows[tableNumber] = [3]int{1, at, 0}
		}
		if s.rows != nil {
			s.rows(rows)
		}
		var numbers []int
		for n := range rows {
			numbers = append(numbers, n)
		}
		slices.Sort(numbers)
		var index, text strings.Builder
		above := make([]byte, 7)
		for _, n := range numbers {
			fmt.Fprintf(&index, "%d 1 ", n)
			r := rows[n]
			row := []byte{byte(r[0]), byte(r[1] >> 24), byte(r[1] >> 16), byte(r[1] >> 8), byte(r[1]), byte(r[2] >> 8), byte(r[2])}
			if !s.plain {
				text.WriteByte(2)
				for i := range row {
					row[i], above[i] = row[i]-above[i], row[i]
				}
			}
			text.Write(row)
		}
		said, filter := text.String(), ""
		if !s.plain {
			said, filter = deflated(said), "/Filter [/FlateDecode] /DecodeParms <</Predictor 12 /Columns 7>>"
		}
		fmt.Fprintf(u, "%d 0 obj\n<</Type /XRef /Size 100 /W [1 4 2] /Index [%s] %s /Length %d %s %s>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n",
			tableNumber, index.String(), filter, len(said), trailer, s.more, said, at)
	}
}

func deflated(text string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.String()
}

// Some programs write their tables as streams, and objects within others.
func TestStreamedTables(t *testing.T) {
	sealed, alice := paper(t), identity(t, "Alice")
	store := [2]any{40, "<</Type /DSS /Certs [41 0 R]>>"}
	certificates := [2]any{41, "[]"}
	for name, tt := range map[string]struct {
		streamTable
		more  func(u *update)
		root  string
		fault string
	}{
		"deflated":               {},
		"plain":                  {streamTable: streamTable{plain: true}},
		"which names itself not": {streamTable: streamTable{unnamed: true}},
		"with others within":     {streamTable: streamTable{packed: [][2]any{store, certificates}}, root: "/DSS 40 0 R"},
		// Attacks: the same that are refused in the older form, and what only this one can do.
		"a page within":                    {streamTable: streamTable{packed: [][2]any{{4, "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <</Font <</F1 7 0 R>>>> /Contents 5 0 R>>"}}}, fault: "page 2 was changed"},
		"the pages within":                 {streamTable: streamTable{packed: [][2]any{{2, "<</Type /Pages /Kids [3 0 R] /Count 1>>"}}}, fault: "a part of the paper"},
		"words":                            {more: func(u *update) { u.put(5, "<</Length 2>>\nstream\nBT\nendstream") }, fault: "a part of the paper"},
		"an object that it does not name":  {more: func(u *update) { u.put(40, "<<>>"); u.hidden[40] = true }, fault: "does not name"},
		"one within that it does not name": {streamTable: streamTable{packed: [][2]any{store, certificates}, rows: func(rows map[int][3]int) { delete(rows, 41) }}, fault: "does not name"},
		"one that is not there":            {streamTable: streamTable{rows: func(rows map[int][3]int) { rows[5] = [3]int{1, 9, 0} }}, fault: "names what was not added"},
		"one of ours in another place":     {streamTable: streamTable{packed: [][2]any{store}, rows: func(rows map[int][3]int) { rows[5] = [3]int{2, holder, 0} }}, fault: "names what was not added"},
		"one within as another":            {streamTable: streamTable{packed: [][2]any{store, certificates}, rows: func(rows map[int][3]int) { rows[40] = [3]int{2, holder, 1} }}, fault: "does not name"},
		"one that is gone":                 {streamTable: streamTable{rows: func(rows map[int][3]int) { rows[5] = [3]int{0, 0, 1} }}, fault: "cannot be read"},
		"one of a kind that is none":       {streamTable: streamTable{rows: func(rows map[int][3]int) { rows[5] = [3]int{3, 9, 0} }}, fault: "cannot be read"},
		"itself elsewhere":                 {streamTable: streamTable{rows: func(rows map[int][3]int) { rows[tableNumber] = [3]int{1, 9, 0} }}, fault: "cannot be read"},
		"the same within and without":      {streamTable: streamTable{packed: [][2]any{{22, "<<>>"}}}, fault: "cannot be read"},
		"something between two within":     {streamTable: streamTable{packed: [][2]any{store, certificates}, gap: " 42 0 obj"}, fault: "cannot be read"},
		"one within that begins elsewhere": {streamTable: streamTable{packed: [][2]any{store, certificates}, shift: -3}, fault: "cannot be read"},
		"an older table":                   {streamTable: streamTable{more: "/XRefStm 9"}, fault: "a second table"},
		"encrypted":                        {streamTable: streamTable{more: "/Encrypt 40 0 R"}, fault: "encrypted"},
		"a word twice":                     {streamTable: streamTable{more: "/Root 4 0 R"}, fault: "cannot be read"},
		"a number of ours for the table":   {more: func(u *update) { u.put(7, "<</Type /XRef /Length 0>>\nstream\n\nendstream") }, fault: "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			pdf := countersigned(t, sealed, alice, countersignature{root: tt.root, more: func(u *update) {
				if tt.more != nil {
					tt.more(u)
				}
				tt.put(u)
			}})
			a := Read(pdf)
			if tt.fault == "" && (a.Fault != "" || len(a.Signatures) != 1) || tt.fault != "" && (len(a.Signatures) > 0 || !strings.Contains(a.Fault, tt.fault)) {
				t.Errorf("%d signatures, fault %q, want %q", len(a.Signatures), a.Fault, tt.fault)
			}
		})
	}
	within := countersigned(t, sealed, alice, countersignature{fields: "9 0 R 40 0 R", field: "<<>>", page: "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.0 842] /Resources <</Font <</F1 7 0 R>>>> /Contents 5 0 R /Annots [9 0 R]>>",
		more: streamTable{packed: [][2]any{{40, "<</FT /Sig /T (Another) /V 41 0 R>>"}, {41, "<</Type /Sig /SubFilter /adbe.pkcs7.detached /ByteRange [0 1 2 3] /Contents <00>>>"}}}.put})
	if a := Read(within); !strings.Contains(a.Fault, "leaves out more") {
		t.Errorf("a signature that stands within another object: %+v", a)
	}
	older := behind(sealed, func(u *update) {
		u.put(holder, "<</Type /ObjStm /N 1 /First 4 /Length 8>>\nstream\n5 0 <<>>\nendstream")
	})
	if _, err := judge(older, len(sealed)); err == nil || !strings.Contains(err.Error(), "does not name") {
		t.Errorf("objects within another, with the older table: %v", err)
	}
}

// What shows that certificates are good may stand behind the last signature (PAdES
// B-LT), and nothing else.
func TestCertificatesBehindTheLastSignature(t *testing.T) {
	sealed, alice := paper(t), identity(t, "Alice")
	good := countersigned(t, sealed, alice, countersignature{})
	root := func(more, fields string) string {
		return fmt.Sprintf("<</Type /Catalog /Pages 2 0 R /Lang (en-GB) /Names <</EmbeddedFiles <</Names []>>>> /AcroForm <</Fields [%s] /SigFlags 3>> /Perms <</DocMDP 10 0 R>> %s>>", fields, more)
	}
	const fields = "9 0 R 20 0 R"
	adding := func(pdf []byte, more func(u *update)) []byte {
		return behind(pdf, func(u *update) {
			u.put(1, root("/DSS 40 0 R", fields))
			dss(u)
			if more != nil {
				more(u)
			}
		})
	}
	putting := func(number int, body string) []byte {
		return adding(good, func(u *update) { u.put(number, body) })
	}
	once := adding(good, nil)
	for name, tt := range map[string]struct {
		pdf   []byte
		fault string
	}{
		"certificates": {once, ""},
		"once more":    {adding(once, nil), ""},
		"with a date":  {putting(8, "<</Title (An agreement) /CreationDate (D:20260301120000Z) /ModDate (D:20260401)>>"), ""},
		"in a stream's table": {adding(good, func(u *update) {
			streamTable{packed: [][2]any{{41, "[]"}}}.put(u)
		}), ""},
		"without any":   {behind(good, func(u *update) { u.put(1, root("", fields)) }), "behind the last"},
		"another title": {putting(8, "<</Title (A contract) /CreationDate (D:20260301120000Z)>>"), "behind the last"},
		"a description": {behind(good, func(u *update) {
			u.put(1, root("/DSS 40 0 R /Metadata 41 0 R", fields))
			dss(u)
			u.put(41, "<</Type /Metadata /Length 0>>\nstream\n\nendstream")
		}), "behind the last"},
		"an empty field": {behind(good, func(u *update) {
			u.put(1, root("/DSS 40 0 R", fields+" 50 0 R"))
			dss(u)
			u.put(50, "<</FT /Sig /T (More)>>")
		}), "behind the last"},
		"a signature's look": {putting(22, "<</Type /XObject /Subtype /Form /Length 0>>\nstream\n\nendstream"), "a part of the paper"},
		"a page":             {putting(4, "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <</Font <</F1 7 0 R>>>> /Contents 5 0 R>>"), "page 2 was changed"},
		"the same page":      {putting(4, "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <</Font <</F1 7 0 R>>>> /Contents 6 0 R>>"), "behind the last"},
		"words":              {putting(5, "<</Length 2>>\nstream\nBT\nendstream"), "a part of the paper"},
		"a script": {behind(good, func(u *update) {
			u.put(1, root("/DSS 40 0 R /OpenAction 41 0 R", fields))
			dss(u)
			u.put(41, "<</S /JavaScript>>")
		}), "what opens"},
		"and spaces":       {append(bytes.Clone(once), "\n \n"...), "behind the last"},
		"and no signature": {behind(sealed, func(u *update) { u.put(1, root("/DSS 40 0 R", "9 0 R")); dss(u) }), "no signature covers it"},
		"and words later":  {behind(once, func(u *update) { u.put(5, "<</Length 2>>\nstream\nBT\nendstream") }), "a part of the paper"},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := judge(tt.pdf, len(sealed))
			if tt.fault == "" && (err != nil || len(all) != 1) || tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault)) {
				t.Errorf("%d signatures, %v, want %q", len(all), err, tt.fault)
			}
		})
	}
}
