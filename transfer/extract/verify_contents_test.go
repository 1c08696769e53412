package extract_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"darsd/dars"
	"darsd/transfer/extract"
)

// signedAgain makes manifests and signature of a package right after a change: the
// office itself has signed what is not so.
func signedAgain(b shelf) {
	b["manifest-sha512.txt"] = nil
	var tags []byte
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if strings.HasPrefix(name, "data/") {
			b["manifest-sha512.txt"] = fmt.Appendf(b["manifest-sha512.txt"], "%x  %s\n", sha512.Sum512(b[name]), name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if !strings.HasPrefix(name, "data/") && !strings.HasPrefix(name, "tagmanifest") {
			tags = fmt.Appendf(tags, "%x  %s\n", sha512.Sum512(b[name]), name)
		}
	}
	b["tagmanifest-sha512.txt"] = tags
	b["tagmanifest-sha512.txt.sig"] = []byte(base64.StdEncoding.EncodeToString(ed25519.Sign(office, tags)))
}

func TestVerifyWhatAPackageSays(t *testing.T) {
	says := func(name, old, new string) func(shelf) {
		return func(b shelf) {
			if !bytes.Contains(b[name], []byte(old)) {
				panic(old + " is not in " + name)
			}
			b[name] = bytes.Replace(b[name], []byte(old), []byte(new), 1)
		}
	}
	// data changes them, and their hash and size where they are told.
	data := func(change func([]byte) []byte) func(shelf) {
		return func(b shelf) {
			was := b[dataFile]
			b[dataFile] = change(bytes.Clone(was))
			says("datapackage.json", fmt.Sprintf("%x", sha512.Sum512(was)), fmt.Sprintf("%x", sha512.Sum512(b[dataFile])))(b)
			says("bag-info.txt", fmt.Sprintf("%d.1", len(was)), fmt.Sprintf("%d.1", len(b[dataFile])))(b)
		}
	}
	for name, tt := range map[string]struct {
		change func(shelf)
		says   string // the one problem, if any
	}{
		"nothing is changed":         {func(shelf) {}, ""},
		"a row more":                 {data(func(d []byte) []byte { return append(d, "3,,x\n"...) }), dataFile + ": it has 2 rows, and datapackage.json says 1"},
		"a row too few":              {says("datapackage.json", `"rows": 1`, `"rows": 2`), dataFile + ": it has 1 rows"},
		"a field more":               {data(func(d []byte) []byte { return append(d, "3,,x,y\n"...) }), dataFile + ": its rows cannot be read as datapackage.json says: line 3 has 4 fields"},
		"no delimited text":          {data(func(d []byte) []byte { return append(d, "3,\"x\n"...) }), dataFile + ": its rows cannot be read as datapackage.json says: line 3, byte"},
		"another column":             {data(func(d []byte) []byte { return bytes.Replace(d, []byte("note"), []byte("name"), 1) }), dataFile + ": its columns are not those"},
		"the hash of another file":   {says("datapackage.json", `"sha512:`, `"sha512:0`), "datapackage.json: the hash it gives of " + dataFile},
		"a file that is not told of": {says("datapackage.json", dataFile, "data/x.csv"), "datapackage.json: it does not describe " + dataFile},
		"a file that is not there":   {says("datapackage.json", `"resources": [`, `"resources": [{"path": "data/x.csv"},`), "datapackage.json: it describes data/x.csv, which is not there"},
		"no delimiter":               {says("datapackage.json", `"delimiter": ","`, `"delimiter": ""`), "datapackage.json: it does not say what stands between"},
		"nobody's packing":           {says("datapackage.json", `"bytes":`, `"compression": "xz", "bytes":`), dataFile + ": its rows cannot be read as datapackage.json says: nobody knows how to unpack \"xz\""},
		"no JSON":                    {says("datapackage.json", "{", "["), "datapackage.json: it cannot be read"},
		"no word of objections":      {says("release.json", `"objections"`, `"other"`), "release.json: it does not say whether patients' objections were applied"},
		"no list":                    {says("release.json", `"list_sha256": "0`, `"list_sha256": "`), "release.json: it says that patients' objections were applied, and not with which list"},
		"no day of the list":         {says("release.json", `2026-03-29`, `soon`), "release.json: it says that patients' objections were applied, and not with which list"},
		"not applied, and not why":   {says("release.json", `"applied": true`, `"applied": false`), "release.json: it says that patients' objections were not applied, and not why"},
		"not applied, and why":       {says("release.json", `"applied": true`, `"applied": false, "reason": "S251"`), ""},
		"other rows":                 {says("release.json", `{`, `{"files": [{"path": "`+dataFile+`", "rows": 7}],`), "release.json: it says that " + dataFile + " has 7 rows"},
	} {
		t.Run(name, func(t *testing.T) {
			bag, _ := aBag(t)
			tt.change(bag)
			signedAgain(bag)
			report, err := extract.Verify(bag.fs(), office.Public().(ed25519.PublicKey))
			if err != nil {
				t.Fatal(err)
			}
			said := fmt.Sprint(report.Problems)
			if report.Valid != (tt.says == "") || tt.says != "" && !strings.HasPrefix(said, "["+tt.says) {
				t.Errorf("valid %v, problems %v", report.Valid, said)
			}
		})
	}
}

// However the data are written, their rows are counted; of encrypted ones their
// recipient does.
func TestVerifyCountsRows(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	to, err := extract.ParseRecipients([]string{key.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	latin := visits()
	latin.Format.Encoding = "windows-1252"
	latin.Fields = append(latin.Fields, dars.Field{Name: "café"})
	for name, tt := range map[string]struct {
		d    dars.Dataset
		text string
		out  extract.Output
	}{
		"plain":        {visits(), "key,nhs,day,note\n1," + ann + ",,\n2," + cat + ",,\"a\nb\"", extract.Output{}},
		"gzip":         {visits(), "key,nhs,day,note\n1," + ann + ",,\n2," + cat + ",,x\n", extract.Output{Compression: "gzip"}},
		"zstd, bars":   {visits(), "key,nhs,day,note\n1," + ann + ",,\n2," + cat + ",,x|y\n", extract.Output{Compression: "zstd", Delimiter: "|"}},
		"windows-1252": {latin, "key,nhs,day,caf\xe9\n1," + ann + ",,\xe9\n2," + cat + ",,\n", extract.Output{}},
		"encrypted":    {visits(), "key,nhs,day,note\n1," + ann + ",,\n2," + cat + ",,\n", extract.Output{Recipients: to}},
	} {
		t.Run(name, func(t *testing.T) {
			bag, _, err := pack(t, tt.d, shelf{"visits.csv": []byte(tt.text)}, func(j *extract.Job) { j.Output = tt.out })
			if err != nil {
				t.Fatal(err)
			}
			report, err := extract.Verify(bag.fs(), nil)
			if err != nil || !report.Valid || report.Rows != 2 || report.Objections != "applied, with the list as at 2026-03-29" || (report.RowsByWord == 2) != (name == "encrypted") {
				t.Errorf("%v %+v", err, report)
			}
		})
	}
}

// FuzzVerifyContents: what describes a package may hold anything, and be signed.
func FuzzVerifyContents(f *testing.F) {
	bag, _ := aBag(f)
	f.Add(bag["datapackage.json"], bag["release.json"], bag[dataFile])
	f.Fuzz(func(t *testing.T, described, release, data []byte) {
		b := maps.Clone(bag)
		delete(b, "bag-info.txt")
		b["datapackage.json"], b["release.json"], b[dataFile] = described, release, data
		signedAgain(b)
		if _, err := extract.Verify(b.fs(), nil); err != nil {
			t.Fatal(err)
		}
	})
}
