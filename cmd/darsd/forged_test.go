package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"darsd/dars"
	"darsd/documents"
)

// storyForge makes a paper that no office has issued, and puts the seal of one on it:
// whoever has got hold of the key can.
func storyForge(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 2, "forge FILE OFFICE")
	text, err := os.ReadFile(ts.MkAbs(args[1] + "/" + sealFile))
	ts.Check(err)
	seal, err := parseSeal(text)
	ts.Check(err)
	press := documents.Press{Office: dars.Office{Name: "Data Release Office"}}
	pdf, err := press.New("Data Sharing Agreement", "of nobody", "DARS-NIC-999999-X0X0X-v1.0", "2016-03-01").PDF()
	ts.Check(err)
	sealed, err := seal.Put(pdf)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), sealed, 0o600))
}
