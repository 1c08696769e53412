package extract_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/transfer/extract"
)

func aBag(t testing.TB) (shelf, *extract.Result) {
	t.Helper()
	bag, result, err := pack(t, visits(), shelf{"visits.csv": []byte("key,nhs,day,note\n1," + ann + ",2001-04-01,\"x, y\"\n2," + bob + ",,\n")}, func(j *extract.Job) {
		j.Columns = []string{"key", "day", "note"}
		j.Info = append(j.Info, extract.Info{"Contact", "1 The Street\r\nLeeds"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return bag, result
}

func TestWhatAPackageHolds(t *testing.T) {
	bag, result := aBag(t)
	want := []string{"bag-info.txt", "bagit.txt", dataFile, "datapackage.json", "manifest-sha512.txt", "office.pub", "release-note.pdf", "release.json",
		"tagmanifest-sha512.txt", "tagmanifest-sha512.txt.sig"}
	if got := slices.Sorted(maps.Keys(bag)); !slices.Equal(got, want) {
		t.Fatalf("the package is %v", got)
	}
	all := append([]extract.Written{result.Files[0].Written}, result.Tags...)
	if len(all) != len(bag) {
		t.Errorf("the result names %d files of %d", len(all), len(bag))
	}
	for _, w := range all {
		b := bag[w.Path]
		want := extract.Written{Path: w.Path, Bytes: int64(len(b)), SHA512: fmt.Sprintf("%x", sha512.Sum512(b)), SHA256: fmt.Sprintf("%x", sha256.Sum256(b)),
			SHA1: fmt.Sprintf("%x", sha1.Sum(b)), MD5: fmt.Sprintf("%x", md5.Sum(b))}
		if w != want {
			t.Errorf("%+v, not %+v", w, want)
		}
	}
	data := bag[dataFile]
	for name, want := range map[string]string{
		"bagit.txt":           "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
		"bag-info.txt":        fmt.Sprintf("Source-Organization: The Office\nBagging-Date: 2026-03-31\nContact: 1 The Street\n Leeds\nPayload-Oxum: %d.1\n", len(data)),
		dataFile:              "key,day,note\n1,2001-04-01,\"x, y\"\n",
		"manifest-sha512.txt": fmt.Sprintf("%x  %s\n", sha512.Sum512(data), dataFile),
		"office.pub":          "ed25519 " + base64.StdEncoding.EncodeToString(office.Public().(ed25519.PublicKey)) + "\n",
		"release.json":        "{\n  \"objections\": {\n    \"applied\": true,\n    \"list_date\": \"2026-03-29\",\n    \"list_sha256\": \"" + strings.Repeat("0", 64) + "\"\n  },\n  \"release\": \"REL-000001\",\n  \"rows_out\": 1\n}\n",
	} {
		if got := string(bag[name]); got != want {
			t.Errorf("%s is\n%s\nnot\n%s", name, got, want)
		}
	}

	var p struct {
		Resources []struct {
			Path, Hash  string
			Bytes, Rows int
			Dialect     struct {
				Delimiter, QuoteChar string
				Header               bool
			}
			Schema struct {
				Fields []struct {
					Name, Type, Description string
					MissingValues           []string
				}
				MissingValues []string
			}
		}
	}
	if err := json.Unmarshal(bag["datapackage.json"], &p); err != nil || len(p.Resources) != 1 {
		t.Fatalf("%v: %s", err, bag["datapackage.json"])
	}
	r := p.Resources[0]
	if r.Path != dataFile || r.Bytes != len(data) || r.Rows != 1 || r.Hash != fmt.Sprintf("sha512:%x", sha512.Sum512(data)) ||
		r.Dialect.Delimiter != "," || r.Dialect.QuoteChar != `"` || !r.Dialect.Header || len(r.Schema.Fields) != 3 {
		t.Errorf("%s", bag["datapackage.json"])
	}
	if day := r.Schema.Fields[1]; day.Name != "day" || day.Type != "date" || !slices.Equal(day.MissingValues, []string{"", "1800-01-01"}) || !strings.Contains(day.Description, "Dates the row") {
		t.Errorf("%+v", day)
	}

	// The evidence has flat names for programs.
	text, _ := json.Marshal(result.Files[0])
	for _, name := range []string{`"id":"FILE0000001"`, `"period":"200199"`, `"path":"data/`, `"sha512":"`, `"md5":"`, `"rows_in":2`, `"rows_withheld":1`, `"rows_unmatched":0`, `"rows_out":1`} {
		if !strings.Contains(string(text), name) {
			t.Errorf("%s is not in %s", name, text)
		}
	}
}

func TestSameJobSameBytes(t *testing.T) {
	a, _ := aBag(t)
	b, _ := aBag(t)
	if !maps.EqualFunc(a, b, bytes.Equal) {
		t.Error("the same inputs gave another package")
	}
}

func TestVerify(t *testing.T) {
	pub := office.Public().(ed25519.PublicKey)
	stranger := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	// sign makes all right again after a change, but for the signer.
	sign := func(b shelf, key ed25519.PrivateKey) {
		b["tagmanifest-sha512.txt.sig"] = []byte(base64.StdEncoding.EncodeToString(ed25519.Sign(key, b["tagmanifest-sha512.txt"])))
	}
	list := func(b shelf) {
		b["manifest-sha512.txt"] = fmt.Appendf(nil, "%x  %s\n", sha512.Sum512(b[dataFile]), dataFile)
		var lines []byte
		for _, name := range slices.Sorted(maps.Keys(b)) {
			if !strings.HasPrefix(name, "data/") && !strings.HasPrefix(name, "tagmanifest") {
				lines = fmt.Appendf(lines, "%x  %s\n", sha512.Sum512(b[name]), name)
			}
		}
		b["tagmanifest-sha512.txt"] = lines
	}
	tests := map[string]struct {
		change func(shelf)
		want   []string // path and kind of every problem
	}{
		"as it was made":     {func(shelf) {}, nil},
		"a byte of the data": {func(b shelf) { b[dataFile] = append(b[dataFile][:len(b[dataFile])-1], 'X') }, []string{dataFile + " altered"}},
		"data cut short":     {func(b shelf) { b[dataFile] = b[dataFile][:5] }, []string{"bag-info.txt altered", dataFile + " altered"}},
		"data missing":       {func(b shelf) { delete(b, dataFile) }, []string{"bag-info.txt altered", "data missing", dataFile + " missing"}},
		"data besides":       {func(b shelf) { b["data/x"] = nil }, []string{"bag-info.txt altered", "data/x extra"}},
		"a tag altered":      {func(b shelf) { b["release.json"] = []byte("{}") }, []string{"release.json altered"}},
		"a tag missing":      {func(b shelf) { delete(b, "release-note.pdf") }, []string{"release-note.pdf missing"}},
		"a tag besides":      {func(b shelf) { b["readme.txt"] = nil }, []string{"readme.txt extra"}},
		"a folder besides":   {func(b shelf) { b["more/readme.txt"] = nil }, []string{"more/readme.txt extra"}},
		"data and manifest altered": {func(b shelf) {
			b[dataFile] = nil
			b["manifest-sha512.txt"] = fmt.Appendf(nil, "%x  %s\n", sha512.Sum512(nil), dataFile)
		}, []string{"bag-info.txt altered", "manifest-sha512.txt altered"}},
		"all but the signature": {func(b shelf) { b[dataFile] = bytes.Replace(b[dataFile], []byte("1"), []byte("2"), 1); list(b) }, []string{"tagmanifest-sha512.txt.sig signature"}},
		"all, by a stranger": {func(b shelf) {
			b[dataFile] = bytes.Replace(b[dataFile], []byte("1"), []byte("2"), 1)
			list(b)
			sign(b, stranger)
		}, []string{"tagmanifest-sha512.txt.sig signature"}},
		"all, with a stranger's key": {func(b shelf) {
			b["office.pub"] = []byte("ed25519 " + base64.StdEncoding.EncodeToString(stranger.Public().(ed25519.PublicKey)))
			list(b)
			sign(b, stranger)
		}, []string{"office.pub signature", "tagmanifest-sha512.txt.sig signature"}},
		"no signature":        {func(b shelf) { delete(b, "tagmanifest-sha512.txt.sig") }, []string{"tagmanifest-sha512.txt.sig missing"}},
		"an empty signature":  {func(b shelf) { b["tagmanifest-sha512.txt.sig"] = nil }, []string{"tagmanifest-sha512.txt.sig signature"}},
		"no tag manifest":     {func(b shelf) { delete(b, "tagmanifest-sha512.txt") }, []string{"tagmanifest-sha512.txt missing"}},
		"no manifest":         {func(b shelf) { delete(b, "manifest-sha512.txt") }, []string{"manifest-sha512.txt missing"}},
		"no key":              {func(b shelf) { delete(b, "office.pub") }, []string{"office.pub missing"}},
		"a broken key":        {func(b shelf) { b["office.pub"] = []byte("ed25519 AAAA") }, []string{"office.pub altered", "office.pub malformed"}},
		"no declaration":      {func(b shelf) { delete(b, "bagit.txt") }, []string{"bagit.txt missing"}},
		"another declaration": {func(b shelf) { b["bagit.txt"] = []byte("BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n") }, []string{"bagit.txt altered", "bagit.txt malformed"}},
		"a path out of the package": {func(b shelf) {
			b["manifest-sha512.txt"] = append(b["manifest-sha512.txt"], strings.Repeat("0", 128)+"  ../etc/passwd\n"...)
		}, []string{"manifest-sha512.txt altered", "manifest-sha512.txt malformed"}},
		"an absolute path": {func(b shelf) {
			b["manifest-sha512.txt"] = append(b["manifest-sha512.txt"], strings.Repeat("0", 128)+"  /etc/passwd\n"...)
		}, []string{"manifest-sha512.txt altered", "manifest-sha512.txt malformed"}},
		"no digest": {func(b shelf) { b["manifest-sha512.txt"] = append(b["manifest-sha512.txt"], "0  data/x\nnonsense\n"...) }, []string{"manifest-sha512.txt altered", "manifest-sha512.txt malformed", "manifest-sha512.txt malformed"}},
		"a file named twice": {func(b shelf) {
			b["manifest-sha512.txt"] = append(b["manifest-sha512.txt"], b["manifest-sha512.txt"]...)
		}, []string{"manifest-sha512.txt altered", "manifest-sha512.txt malformed"}},
		"a tag in the manifest": {func(b shelf) {
			b["manifest-sha512.txt"] = append(b["manifest-sha512.txt"], strings.Repeat("0", 128)+"  bagit.txt\n"...)
		}, []string{"manifest-sha512.txt altered", "manifest-sha512.txt malformed"}},
		"a manifest of another kind": {func(b shelf) {
			b["manifest-md5.txt"] = fmt.Appendf(nil, "%x *%s\n", md5.Sum(b[dataFile]), dataFile)
			list(b)
			sign(b, office)
		}, nil},
		"which is wrong": {func(b shelf) {
			b["manifest-md5.txt"] = []byte(strings.Repeat("0", 32) + " " + dataFile)
			list(b)
			sign(b, office)
		}, []string{dataFile + " altered"}},
		"a manifest nobody knows":    {func(b shelf) { b["manifest-crc.txt"] = nil; list(b); sign(b, office) }, []string{"manifest-crc.txt malformed"}},
		"a manifest that names less": {func(b shelf) { b["manifest-sha1.txt"] = nil; list(b); sign(b, office) }, []string{dataFile + " extra"}},
		"line ends of another system": {func(b shelf) {
			list(b)
			b["tagmanifest-sha512.txt"] = bytes.ReplaceAll(b["tagmanifest-sha512.txt"], []byte("\n"), []byte("\r\n"))
			sign(b, office)
		}, nil},
		"nothing": {func(b shelf) { clear(b) }, []string{". malformed"}},
		"the folder around it": {func(b shelf) {
			for name, text := range maps.Clone(b) {
				b["T/"+name] = text
				delete(b, name)
			}
		}, []string{". malformed"}},
		"its data alone": {func(b shelf) { maps.DeleteFunc(b, func(name string, _ []byte) bool { return name != dataFile }) }, []string{". malformed"}},
		"a letter under a manifest of its own": {func(b shelf) {
			b["READ-ME-FIRST.txt"] = []byte("call this number")
			b["tagmanifest-md5.txt"] = fmt.Appendf(nil, "%x  READ-ME-FIRST.txt\n", md5.Sum(b["READ-ME-FIRST.txt"]))
		}, []string{"READ-ME-FIRST.txt extra", "tagmanifest-md5.txt extra"}},
		"more to fetch": {func(b shelf) {
			b["fetch.txt"], b["other/more.csv"] = []byte("https://x 1 data/y\n"), nil
			b["tagmanifest-sha256.txt"] = fmt.Appendf(nil, "%x  fetch.txt\n%x  other/more.csv\n", sha256.Sum256(b["fetch.txt"]), sha256.Sum256(nil))
		}, []string{"fetch.txt extra", "other/more.csv extra", "tagmanifest-sha256.txt extra"}},
		"data under a manifest of their own": {func(b shelf) {
			b["data/x"] = nil
			b["manifest-md5.txt"] = fmt.Appendf(nil, "%x  %s\n%x  data/x\n", md5.Sum(b[dataFile]), dataFile, md5.Sum(nil))
		}, []string{"bag-info.txt altered", "data/x extra", "manifest-md5.txt extra"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bag, _ := aBag(t)
			tt.change(bag)
			report, err := extract.Verify(bag.fs(), pub)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range report.Problems {
				got = append(got, p.Path+" "+p.Kind)
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) || report.Valid != (len(tt.want) == 0) {
				t.Errorf("valid %v, problems %v, not %v\n%v", report.Valid, got, tt.want, report.Problems)
			}
		})
	}
}

// Whatever a package that is wrong is called and holds, the answer is one line.
func TestWrongInOneSentence(t *testing.T) {
	bag, _ := aBag(t)
	for n := range 40 {
		bag[fmt.Sprintf("x\n\x1b[2Jfine%02d", n)] = nil
	}
	report, err := extract.Verify(bag.fs(), nil)
	if err != nil {
		t.Fatal(err)
	}
	said := report.Wrong()
	if strings.ContainsAny(said, "\n\x1b") || !strings.HasPrefix(said, `"x\n\x1b[2Jfine00": it is not the office's`) || !strings.HasSuffix(said, "; and 37 more") {
		t.Errorf("%q", said)
	}
	around := shelf{}
	for name, text := range bag {
		around["REL-000001/"+name] = text
	}
	if report, err := extract.Verify(around.fs(), nil); err != nil || report.Wrong() != ".: this is no package: a package is the folder that holds bagit.txt, such as REL-000001" {
		t.Errorf("%v %s", err, report.Wrong())
	}
}

// countingFS counts how often each file is opened.
type countingFS struct {
	fs.FS
	opened map[string]int
}

func (c countingFS) Open(name string) (fs.File, error) {
	c.opened[name]++
	return c.FS.Open(name)
}

func TestVerifyReadsDataOnce(t *testing.T) {
	bag, _ := aBag(t)
	bag["manifest-md5.txt"] = fmt.Appendf(nil, "%x  %s\n", md5.Sum(bag[dataFile]), dataFile)
	signedAgain(bag)
	c := countingFS{bag.fs(), map[string]int{}}
	if report, err := extract.Verify(c, nil); err != nil || !report.Valid || report.Rows != 1 || c.opened[dataFile] != 1 {
		t.Errorf("%v %+v: opened %d times", err, report, c.opened[dataFile])
	}
}

func TestVerifyWithoutKey(t *testing.T) {
	bag, _ := aBag(t)
	report, err := extract.Verify(bag.fs(), nil)
	if err != nil || !report.Valid || !report.Signed || !strings.Contains(report.Key, "not checked against the office's fingerprint") {
		t.Errorf("%v %+v", err, report)
	}
	if report.Fingerprint != extract.Fingerprint(office.Public().(ed25519.PublicKey)) || report.Files != 1 || report.Bytes != int64(len(bag[dataFile])) {
		t.Errorf("%+v", report)
	}
	if _, err := extract.Verify(bag.fs(), ed25519.PublicKey("short")); err == nil {
		t.Error("a key of five bytes is taken")
	}
}

// Names that a manifest must write otherwise.
func TestNamesInManifests(t *testing.T) {
	const name = "100%\r\nof %0A.csv"
	bag, _, err := pack(t, visits(), shelf{"visits.csv": []byte("key,nhs,day,note\n")}, func(j *extract.Job) { j.Files[0].Name = name })
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(bag["manifest-sha512.txt"]), "  data/100%25%0D%0Aof %250A.csv\n") {
		t.Errorf("%q", bag["manifest-sha512.txt"])
	}
	verify(t, bag)
}

// The other kind of dataset: bars, no quotes, no header, a number as the person.
func TestDialectWithoutQuotes(t *testing.T) {
	d := dars.Dataset{Code: "RX", Person: "PATIENT", Unmatched: dars.Withhold, Format: dars.Format{Delimiter: "|"},
		Files:  []dars.SourceFile{{Period: "200199", Path: "rx.txt"}},
		Fields: []dars.Field{{Name: "ITEM"}, {Name: "PATIENT", Identifying: true}, {Name: "DAY"}, {Name: "BNF"}, {Name: "PRODUCT"}, {Name: "QUANTITY"}, {Name: "PRACTICE"}}}
	bag, r, err := pack(t, d, shelf{"rx.txt": []byte("1|" + ann + "|2001-04-01|01|Dressing 4\" x 5\"|1|P\n2|" + bob + "|2001-04-01|01|\"x|1|P\n3|" + cat + "|||\"\"||")}, func(j *extract.Job) {
		j.Columns = []string{"ITEM", "PRODUCT"}
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(bag[dataFile]), "1|Dressing 4\" x 5\"\n3|\"\""; got != want {
		t.Errorf("%q leaves, not %q", got, want)
	}
	if text := string(bag["datapackage.json"]); !strings.Contains(text, `"quoteChar": ""`) || !strings.Contains(text, `"header": false`) {
		t.Errorf("%s", text)
	}
	if r.Files[0].RowsWithheld != 1 {
		t.Errorf("%+v", r)
	}
}

func TestBagInfo(t *testing.T) {
	for _, bad := range []extract.Info{{"", "x"}, {"A:B", "x"}, {"A\nB", "x"}, {" A", "x"}, {"payload-oxum", "1.1"}} {
		if _, _, err := pack(t, visits(), shelf{"visits.csv": []byte("key,nhs,day,note\n")}, func(j *extract.Job) { j.Info = []extract.Info{bad} }); err == nil {
			t.Errorf("%q is taken for a label", bad.Label)
		}
	}
}

// FuzzVerify: a manifest may hold anything.
func FuzzVerify(f *testing.F) {
	bag, _ := aBag(f)
	f.Add(bag["manifest-sha512.txt"], bag["tagmanifest-sha512.txt"], bag["bagit.txt"], bag["bag-info.txt"], bag["office.pub"], bag["tagmanifest-sha512.txt.sig"])
	f.Fuzz(func(t *testing.T, manifest, tags, bagit, info, key, sig []byte) {
		b := maps.Clone(bag)
		for name, text := range map[string][]byte{"manifest-sha512.txt": manifest, "tagmanifest-sha512.txt": tags, "bagit.txt": bagit, "bag-info.txt": info, "office.pub": key, "tagmanifest-sha512.txt.sig": sig} {
			b[name] = text
		}
		report, err := extract.Verify(b.fs(), office.Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatal(err)
		}
		same := true
		for name := range bag { // a signature may have line ends between its letters
			same = same && (bytes.Equal(b[name], bag[name]) || strings.HasSuffix(name, ".sig"))
		}
		if report.Valid && !same {
			t.Fatalf("altered and valid: %q %q", manifest, tags)
		}
	})
}
