package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/sftp"
)

// Odd sources, each as a dataset of its own, go through the whole office, and what
// leaves is what lay there: all of csv-spectrum, bars without quotes or a header in
// gzip, and letters of Windows-1252.
func TestOddSources(t *testing.T) {
	t.Parallel()
	root := os.Getenv("DARSD_TESTDATA")
	if root == "" {
		t.Skip("DARSD_TESTDATA does not say where csv-spectrum is")
	}
	ann, bob := madeUp(1), madeUp(2)
	type odd struct {
		source []byte
		about  string // in the catalogue
		want   []byte
		packed bool
	}
	all := map[string]odd{
		"BARS": {[]byte(ann + "|a \"b\" c|  x |007\r\n" + bob + "|objector|y|1\r\n"), "person: NHS, unmatched: withhold, format: { delimiter: \"|\", quoted: false, header: false, compression: gzip }, fields: [{ name: NHS }, { name: NOTE }, { name: PAD }, { name: CODE }]",
			[]byte(ann + "|a \"b\" c|  x |007\r\n"), true},
		"LATIN": {[]byte("NHS,PR\xc9NOM\r\n" + bob + ",x\r\n" + ann + ",\"Zo\xeb, \x80\""), "person: NHS, unmatched: withhold, format: { delimiter: \",\", quoted: true, header: true, encoding: windows-1252 }, fields: [{ name: NHS }, { name: PRÉNOM }]",
			[]byte("NHS,PR\xc9NOM\r\n" + ann + ",\"Zo\xeb, \x80\""), false},
	}
	files, err := filepath.Glob(filepath.Join(root, "csv-spectrum", "csvs", "*.csv"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files of csv-spectrum: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		first, _, _ := bytes.Cut(text, []byte(","))
		// In this one a quotation mark stands for seconds of arc.
		about := fmt.Sprintf("person: %s, unmatched: release, format: { delimiter: \",\", quoted: %v, header: true }, fields: []", bytes.Trim(first, `"`), name != "location_coordinates")
		all["S_"+strings.ToUpper(name)] = odd{text, about, text, false}
	}

	var catalogue, asked strings.Builder
	for code, o := range all {
		fmt.Fprintf(&catalogue, "  - { code: %s, name: Odd, iao: iris, files: [{ period: \"201499\", path: sources/%[1]s, as_at: \"2015-11-30\" }], %s }\n", code, o.about)
		fmt.Fprintf(&asked, "  - { code: %s, periods: [\"201499\"], identifiability: IDENT, sensitive: true, gateway: NHSA251_REG5, frequency: One-Off }\n", code)
	}
	d := holding(t, catalogue.String())
	for code, o := range all {
		if o.packed {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			z.Write(o.source)
			z.Close()
			o.source = b.Bytes()
		}
		d.write(t, "office/sources/"+code, o.source)
	}
	d.write(t, "list.txt", []byte(bob+"\n"))
	form := demoForm("Odd", "8D101", "nora", "BARS", `"201499"`, "NHSA251_REG5", "2016-03-01", "2017-02-28")
	before, rest, _ := strings.Cut(form, "  - code: BARS")
	_, after, _ := strings.Cut(rest, "purpose:")
	if err := d.all(append(appliedWith("2016-02-08", demoFirst, before+asked.String()+"purpose:"+after),
		command{as: "carol", args: []string{"agreement", "print", demoFirst}, out: "people/nora/agreement.pdf"},
		pen{"people/nora/agreement.pdf", "people/nora/signed.pdf", "Nora Field"})...); err != nil {
		t.Fatal(err)
	}
	if err := d.handIn("people/nora/signed.pdf", "signed-agreements"); err != nil {
		t.Fatal(err)
	}
	if err := d.all(append(signature("2016-03-01T09", demoFirst), at("2016-03-07T09:00", "priya", "objections load", "$D/list.txt", "--as-at", "2016-03-04"))...); err != nil {
		t.Fatal(err)
	}
	n := 0
	for code := range all {
		n++
		if err := d.all(released(fmt.Sprintf("REL-%06d", n), fmt.Sprintf("2016-03-%02d", 8+n), demoFirst, code)...); err != nil {
			t.Fatalf("%s: %v", code, err)
		}
	}
	d.serves(t)
	if err := d.sftp("nora", func(c *sftp.Client) error { return fetchAll(c, "collect/"+demoFirst, d.path("people/nora/all")) }); err != nil {
		t.Fatal(err)
	}
	for n := range n {
		bag := fmt.Sprintf("people/nora/all/REL-%06d", n+1)
		d.ask(t, "verify", d.path(bag))
		for name, got := range d.delivered(t, bag+"/data") {
			code := strings.TrimPrefix(strings.TrimSuffix(strings.TrimSuffix(name, filepath.Ext(name)), "_201499"), "FILE"+fmt.Sprintf("%07d", n+1)+"_NIC000001_")
			if want, ok := all[code]; !ok || !bytes.Equal(got, want.want) {
				t.Errorf("%s, of %q, is\n%q\nnot\n%q", name, code, got, want.want)
			}
		}
	}
}
