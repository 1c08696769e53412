package register_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/register"
)

// testdata is the folder of the published register of autumn 2017.
func testdata(t testing.TB) string {
	dir := os.Getenv("DARSD_TESTDATA")
	if dir == "" {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatal("DARSD_TESTDATA is not set")
		}
		t.Skip("DARSD_TESTDATA is not set: the published register is not here to read")
	}
	return filepath.Join(dir, "register-2017")
}

func open(t testing.TB, name string) register.File {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := register.Open(name, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The workbook and its sheets as CSV files say the same, and what they say is what
// another reader of CSV finds in them, row by row.
func TestThePublishedRegister(t *testing.T) {
	dir := testdata(t)
	none := register.NewHeaders(nil)
	book := register.Understand(none, []register.File{open(t, filepath.Join(dir, "ReleaseRegister-sep-nov-2017.xlsx"))})
	names, err := filepath.Glob(filepath.Join(dir, "sheets", "*.csv"))
	if err != nil || len(names) == 0 {
		t.Fatal("the sheets are not there", err)
	}
	var sheets []register.File
	for _, name := range names {
		sheets = append(sheets, open(t, name))
	}
	apart := register.Understand(none, sheets)
	if !reflect.DeepEqual(book.Releases, apart.Releases) || !reflect.DeepEqual(book.Agreements, apart.Agreements) || !reflect.DeepEqual(book.Tracing, apart.Tracing) || book.RowsRead != apart.RowsRead {
		t.Error("the workbook and its sheets do not say the same")
	}
	if book.Edition != "2017-09-to-2017-11" || apart.Edition != book.Edition {
		t.Errorf("the edition is called %q and %q", book.Edition, apart.Edition)
	}
	for _, r := range book.Unread {
		if r.Reason != "" {
			t.Errorf("%s, row %d: %s", r.Sheet, r.Row, r.Reason)
		}
	}
	found := map[string]*dars.ImportedRelease{}
	for _, r := range book.Releases {
		found[r.Row] = r
	}
	rows := independent(t, filepath.Join(dir, "sheets", "DataReleases.csv"))
	for _, row := range rows[1:] {
		r := found[row[0]]
		if r == nil {
			t.Errorf("row %s is lost", row[0])
			continue
		}
		delete(found, row[0])
		said := map[string]string{}
		for i, field := range []string{"row", "org", "dataset", "identifiability", "sensitivity", "legal_basis", "purpose", "frequency", "agreement", "study", "opt_outs"} {
			if text := strings.TrimSpace(row[i]); text != "" {
				said[field] = text
			}
		}
		if !maps.Equal(r.Said, said) {
			t.Errorf("row %s says %v, and is %v", row[0], said, r.Said)
		}
		if want := map[string]dars.Treatment{"Y": dars.Uphold, "N": dars.NotUpheld}[row[10]]; r.Objections != want {
			t.Errorf("row %s: objections are %s, and it says %s", row[0], r.Objections, row[10])
		}
	}
	for row, r := range found {
		if !r.Amendment {
			t.Errorf("row %s is in no sheet", row)
		}
	}
	statements := 0
	for _, g := range book.Agreements {
		statements += len(g.Statements)
	}
	if purposes := independent(t, filepath.Join(dir, "sheets", "PurposeStatements.csv")); statements != len(purposes)-1 {
		t.Errorf("%d purposes are read of %d", statements, len(purposes)-1)
	}
	if want := (dars.TracingCount{Body: "Home Office", Received: 1775, Rejected: 90, Traced: 1355, Untraced: 330}); len(book.Tracing) != 10 || !slices.Contains(book.Tracing, want) {
		t.Errorf("the requests for tracing are %+v", book.Tracing)
	}
}

func independent(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatal(len(rows), err)
	}
	return rows
}

const ref = "DARS-NIC-12345-B1C2D-v1.0"

// releases is a table with one row, of which some cells are otherwise.
func releases(change map[string]string) string {
	columns := []string{"RowID", "Organisation Name", "Dataset", "NIC Number", "Patient Opt-Outs Applied"}
	row := map[string]string{"RowID": "FILE0000007", "Organisation Name": "A TRUST", "Dataset": "HES", "NIC Number": ref, "Patient Opt-Outs Applied": "Y"}
	maps.Copy(row, change)
	for c := range change {
		if !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	var cells []string
	for _, c := range columns {
		cells = append(cells, row[c])
	}
	return table(columns, cells)
}

func table(rows ...[]string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		panic(err)
	}
	return b.String()
}

func read(t *testing.T, headers map[string][]string, name, text string) dars.RegisterRead {
	t.Helper()
	f, err := register.Open(name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return register.Understand(register.NewHeaders(headers), []register.File{f})
}

func TestOddRows(t *testing.T) {
	tests := map[string]struct {
		text   string
		reason string // part of why a row was not understood
		check  func(*dars.ImportedRelease) bool
	}{
		"plain":                   {text: releases(nil)},
		"answer in a sentence":    {text: releases(map[string]string{"Patient Opt-Outs Applied": "No - the data are not identifiable"}), check: func(r *dars.ImportedRelease) bool { return r.Objections == dars.NotUpheld }},
		"answer that says yes":    {text: releases(map[string]string{"Patient Opt-Outs Applied": "Yes: patient objections upheld"}), check: func(r *dars.ImportedRelease) bool { return r.Objections == dars.Uphold }},
		"answer to another thing": {text: releases(map[string]string{"Patient Opt-Outs Applied": "Identifiable"}), reason: "not understood", check: func(r *dars.ImportedRelease) bool { return r.Objections == "" }},
		"blanks and escapes": {text: releases(map[string]string{"Organisation Name": "A\u00a0TRUST_x000D_\n ", "NIC Number": " dars-nic-12345-b1c2d-v1.0 "}), check: func(r *dars.ImportedRelease) bool {
			return r.Org == "A TRUST" && r.Agreement == ref
		}},
		"local reference":      {text: releases(map[string]string{"NIC Number": "CASEMIX_MONITOR"}), check: func(r *dars.ImportedRelease) bool { return r.Agreement == "CASEMIX_MONITOR" }},
		"study number alone":   {text: releases(map[string]string{"NIC Number": "", "MR Number": "MR1260"}), check: func(r *dars.ImportedRelease) bool { return r.Agreement == "MR1260" }},
		"release without file": {text: releases(map[string]string{"RowID": "PCMD0012"}), check: func(r *dars.ImportedRelease) bool { return r.Row == "PCMD0012" }},
		"formula-like text": {text: releases(map[string]string{"Purpose": "=HYPERLINK(\"x\")"}), check: func(r *dars.ImportedRelease) bool {
			return r.Said["purpose"] == "=HYPERLINK(\"x\")"
		}},
		"formula for a name":  {text: releases(map[string]string{"NIC Number": "=A2"}), reason: "no agreement"},
		"error of a sheet":    {text: releases(map[string]string{"Organisation Name": "#REF!"}), reason: "no organisation"},
		"no row id":           {text: releases(map[string]string{"RowID": " "}), reason: "does not say the row id"},
		"no agreement":        {text: releases(map[string]string{"NIC Number": ""}), reason: "does not say the agreement"},
		"a file past all":     {text: releases(map[string]string{"RowID": "FILE99999999"}), reason: "no number of a file"},
		"cut cell":            {text: releases(map[string]string{"Purpose": strings.Repeat("x", 32767)}), reason: "was cut", check: func(r *dars.ImportedRelease) bool { return len(r.Said["purpose"]) == 32767 }},
		"a column of its own": {text: releases(map[string]string{"Colour of file": "blue"}), check: func(r *dars.ImportedRelease) bool { return r.Said["Colour of file"] == "blue" }},
		"a title above":       {text: "A register,,\n" + releases(nil)},
		"semicolons":          {text: strings.ReplaceAll(releases(nil), ",", ";")},
		"letters of Windows":  {text: releases(map[string]string{"Organisation Name": "CAF\xc9"}), check: func(r *dars.ImportedRelease) bool { return r.Org == "CAFÉ" }},
		"a mark at the start": {text: "\ufeff" + releases(nil)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := read(t, nil, "releases.csv", tt.text)
			reasons := reasonsOf(got)
			if (len(reasons) > 0) != (tt.reason != "") || tt.reason != "" && !strings.Contains(reasons[0], tt.reason) {
				t.Fatalf("not understood: %q", reasons)
			}
			if tt.reason == "" || tt.check != nil {
				if len(got.Releases) != 1 || tt.check != nil && !tt.check(got.Releases[0]) {
					t.Errorf("it is read as %+v", got.Releases)
				}
			}
		})
	}
}

func reasonsOf(read dars.RegisterRead) (all []string) {
	for _, r := range read.Unread {
		if r.Reason != "" {
			all = append(all, r.Reason)
		}
	}
	return all
}

// A row that is not understood is kept as it stands, and so is prose.
func TestNothingIsLost(t *testing.T) {
	text := releases(nil) + table([]string{" FILE0000007", "B TRUST_x000D_", "HES", ref, "N"})
	got := read(t, nil, "releases.csv", text)
	if len(got.Releases) != 1 || len(got.Unread) != 1 || got.Unread[0].Row != 3 || got.Unread[0].Cells[0] != " FILE0000007" || got.Unread[0].Cells[1] != "B TRUST_x000D_" {
		t.Errorf("of a row whose id is taken is kept %+v", got.Unread)
	}
	got = read(t, nil, "strange.csv", table([]string{"Ein", "Zwei"}, []string{"a", "b"}, []string{"c", "d"}))
	if len(got.Unread) != 3 || len(reasonsOf(got)) != 2 || got.RowsRead != 2 {
		t.Errorf("of a table without a known header is kept %+v", got.Unread)
	}
	if got = read(t, map[string][]string{"row": {"Ein"}, "org": {"Zwei"}}, "strange.csv", table([]string{"Ein", "Zwei"}, []string{"a", "b"})); !strings.Contains(reasonsOf(got)[0], "does not say the dataset") {
		t.Errorf("with headers of its own it is read as %+v", got.Unread)
	}
	if got = read(t, nil, "README.csv", "Read this, please\nIt says, much\n"); len(reasonsOf(got)) > 0 || len(got.Unread) != 2 {
		t.Errorf("of prose is kept %+v", got.Unread)
	}
}

// Agreements as the editions since 2019 have them, with their days.
func TestAgreementsHaveDays(t *testing.T) {
	head := []string{"Reference Number", "Application Title", "Applicant Organisation", "DSA Start Date", "DSA End Date"}
	for text, want := range map[string]dars.Day{"2020-06-30": "2020-06-30", "30/06/2020": "2020-06-30", "44012": "2020-06-30", "30 June 2020": "2020-06-30", "soon": ""} {
		got := read(t, nil, "Agreements.csv", table(head, []string{ref, "Asthma", "A TRUST", "2019-07-01", text}))
		if len(got.Agreements) != 1 || got.Agreements[0].End != want || got.Agreements[0].Start != "2019-07-01" || (want == "") != (len(reasonsOf(got)) > 0) {
			t.Errorf("that it ends %q is read as %+v, %q", text, got.Agreements, reasonsOf(got))
		}
	}
}

func TestNamesOfEditions(t *testing.T) {
	for name, want := range map[string]string{
		"1. releaseregister_20210201_20210228.xlsx": "2021-02",
		"ReleaseRegister-sep-nov-2017.csv":          "2017-09-to-2017-11",
		"December 2016 to February 2017.csv":        "2016-12-to-2017-02",
		"Our old releases.csv":                      "our-old-releases",
	} {
		if got := read(t, nil, name, releases(nil)).Edition; got != want {
			t.Errorf("the edition of %s is %q", name, got)
		}
	}
}

// However the rows and columns of an edition are shuffled, and whatever its headers are
// called, it says the same.
func TestAnyOrderSaysTheSame(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		fields := []string{"row", "org", "dataset", "agreement", "opt_outs", "legal_basis", "frequency"}
		var rows [][]string
		for i := range 30 {
			rows = append(rows, []string{fmt.Sprintf("%s%04d", []string{"FILE000", "OTHER", "HDIS"}[rnd.IntN(3)], i), fmt.Sprint("TRUST ", rnd.IntN(5)), fmt.Sprint("HES ", rnd.IntN(3)),
				fmt.Sprintf("DARS-NIC-1234%d-B1C2D-v%d.0", rnd.IntN(5), rnd.IntN(3)), []string{"Y", "N", "No - consent"}[rnd.IntN(3)], "HSCA", []string{"", "One-Off"}[rnd.IntN(2)]})
		}
		var want dars.RegisterRead
		for round := range 4 {
			order, own := rnd.Perm(len(fields)), map[string][]string{}
			rnd.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			all := make([][]string, len(rows)+1)
			for _, c := range order {
				known := dars.RegisterHeaders[fields[c]]
				header := known[rnd.IntN(len(known))]
				if rnd.IntN(4) == 0 {
					header = fmt.Sprintf("Spalte %c", 'A'+c)
					own[fields[c]] = []string{header}
				}
				all[0] = append(all[0], []string{header, strings.ToUpper(header), " " + header + "\n"}[rnd.IntN(3)])
				for i, row := range rows {
					all[i+1] = append(all[i+1], row[c])
				}
			}
			got := read(t, own, "releases.csv", table(all...))
			got.SHA256, got.Unread = "", nil
			if round == 0 {
				want = got
			}
			if len(got.Releases) != len(rows) || !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: as %v it says\n%+v\nand before\n%+v", seed, all[0], got, want)
			}
		}
	}
}

// workbook makes one of XML that is given, or of the least there is.
func workbook(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Releases" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
	}
	maps.Copy(all, parts)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range all {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sheet(rows string) map[string]string {
	return map[string]string{"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"}
}

// styled is a sheet whose styles show numbers as they are, and as days.
func styled(rows string) map[string]string {
	parts := sheet(rows)
	parts["xl/styles.xml"] = `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="[$-809]dd\ mmmm\ yyyy&quot; day&quot;;@"/><numFmt numFmtId="171" formatCode="mmm\-yy"/><numFmt numFmtId="172" formatCode="0&quot; days&quot;"/></numFmts>` +
		`<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="22"/><xf numFmtId="172"/></cellXfs></styleSheet>`
	return parts
}

// A strict workbook (ISO/IEC 29500) names its sheets in another way, and a cell that is
// merged down some rows is said of each.
func TestStrictAndMerged(t *testing.T) {
	parts := sheet(`<row r="1">` + inline("A1", "Title") + `</row><row r="2">` + inline("A2", "a") + inline("B2", "X") + `</row><row r="3">` + inline("A3", "b") + `</row><row r="5">` + inline("A5", "c") + inline("B5", "own") + `</row>`)
	parts["xl/worksheets/sheet1.xml"] = strings.Replace(parts["xl/worksheets/sheet1.xml"], "</sheetData>", `</sheetData><mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="B2:B9999999"/><mergeCell ref="?:"/></mergeCells>`, 1)
	parts["xl/workbook.xml"] = `<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main" xmlns:r="http://purl.oclc.org/ooxml/officeDocument/relationships"><sheets><sheet name="Releases" sheetId="1" r:id="rId1"/></sheets></workbook>`
	f, err := register.Open("a.xlsx", bytes.NewReader(workbook(t, parts)))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"Title"}, {"a", "X"}, {"b", "X"}, {"c", "own"}}
	for i, row := range f.Sheets[0].Rows {
		if !slices.Equal(row.Cells, want[i]) {
			t.Errorf("row %d is read as %q", row.N, row.Cells)
		}
	}
}

func inline(cell, text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic(err)
	}
	return fmt.Sprintf(`<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, cell, b.String())
}

func TestWorkbooks(t *testing.T) {
	tests := map[string]struct {
		parts map[string]string
		want  []string // cells of the first row, or
		wrong string   // part of why it is refused
	}{
		"texts and numbers":       {parts: sheet(`<row r="3">` + inline("A3", "a&b") + `<c r="C3"><v>7</v></c></row>`), want: []string{"a&b", "", "7"}},
		"no places":               {parts: sheet(`<row><c><v>1</v></c><c><v>2</v></c></row>`), want: []string{"1", "2"}},
		"formula that came to 5":  {parts: sheet(`<row><c><f>2+3</f><v>5</v></c></row>`), want: []string{"5"}},
		"formula never reckoned":  {parts: sheet(`<row><c><f>2+3</f></c></row>`), want: []string{"=2+3"}},
		"a text that is not":      {parts: sheet(`<row><c t="s"><v>4</v></c></row>`), wrong: "which is not there"},
		"a column far out":        {parts: sheet(`<row><c r="XFD1"><v>4</v></c></row>`), wrong: "more than 256 columns"},
		"a colour far out":        {parts: sheet(`<row><c r="A1"><v>4</v></c><c r="XFD1" s="1"/></row>`), want: []string{"4"}},
		"yes and no":              {parts: sheet(`<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c></row>`), want: []string{"TRUE", "FALSE"}},
		"days, months and hours":  {parts: styled(`<row><c s="0"><v>43647</v></c><c s="1"><v>43647</v></c><c s="2"><v>43647</v></c><c s="3"><v>43647.5</v></c><c s="4"><v>43647</v></c><c s="9"><v>43647</v></c></row>`), want: []string{"43647", "2019-07-01", "Jul-19", "2019-07-01 12:00:00", "43647", "43647"}},
		"no sheet":                {wrong: "it has no part"},
		"XML that does not close": {parts: map[string]string{"xl/worksheets/sheet1.xml": "<worksheet><row>"}, wrong: "XML syntax error"},
		"a text with its sound": {parts: func() map[string]string {
			all := sheet(`<row><c t="s"><v>0</v></c></row>`)
			all["xl/sharedStrings.xml"] = `<sst><si><r><t>To</t></r><r><t>kyo</t></r><rPh><t>とうきょう</t></rPh></si></sst>`
			return all
		}(), want: []string{"Tokyo"}},
		"days from 1904": {parts: map[string]string{"xl/workbook.xml": `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><workbookPr date1904="1"/></workbook>`}, wrong: "counted from 1904"},
		"a text named by many cells": {parts: func() map[string]string {
			all := sheet(strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 300))
			all["xl/sharedStrings.xml"] = "<sst><si><t>" + strings.Repeat("x", 1<<20) + "</t></si></sst>"
			return all
		}(), wrong: "more than a register can"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := register.Open("a.xlsx", bytes.NewReader(workbook(t, tt.parts)))
			if tt.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wrong) {
					t.Fatalf("it is read: %v", err)
				}
				return
			}
			if err != nil || !slices.Equal(f.Sheets[0].Rows[0].Cells, tt.want) {
				t.Errorf("it is read as %v, %v", f.Sheets, err)
			}
		})
	}
}

// Whatever a file holds, no row of it is lost or counted twice, and nothing panics.
func FuzzRegister(f *testing.F) {
	f.Add([]byte(releases(nil)))
	f.Add([]byte("RowID;Organisation\n\"a\"b;\x00"))
	f.Add([]byte(",Police,Total\nTotal Receipts Processed,1,1\nRejected,0,0\nApproved - Trace,1,1\nApproved - No Trace,0,0\n"))
	f.Add(workbook(f, sheet(`<row r="1">`+inline("A1", "RowID")+inline("B1", "NIC Number")+`</row>`)))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := register.Open("a.csv", bytes.NewReader(content))
		if err != nil {
			return
		}
		got := register.Understand(register.NewHeaders(nil), []register.File{file})
		statements := 0
		for _, g := range got.Agreements {
			statements += len(g.Statements) + len(g.Datasets)
		}
		if n := len(got.Releases) + statements + got.OwnClass; n > got.RowsRead {
			t.Errorf("%d rows say %d things", got.RowsRead, n)
		}
		for _, r := range got.Releases {
			if r.Row == "" || r.Agreement == "" || r.Org == "" || strings.ContainsRune(r.Row+r.Agreement+r.Org, 0) {
				t.Errorf("a release without a name: %+v", r)
			}
		}
	})
}
