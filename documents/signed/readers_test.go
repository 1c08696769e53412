package signed

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"encoding/asn1"
	"fmt"
	"strings"
	"testing"

	"github.com/digitorus/pkcs7"
)

// A table writes the older form of table, with rows and a count of its own.
func table(row string, size int) func(u *update) {
	return func(u *update) {
		u.table = func(u *update, trailer string) {
			at := u.Len()
			u.WriteString("xref\n")
			for _, o := range u.at {
				fmt.Fprintf(u, "%d 1\n"+row, o[0], o[1])
			}
			fmt.Fprintf(u, "trailer\n<</Size %d %s>>\nstartxref\n%d\n%%%%EOF\n", size, trailer, at)
		}
	}
}

// Readers do not agree about what is in a file that is not quite as it should be. What
// some of them would see otherwise than we do is refused.
func TestWhatOtherReadersWouldSee(t *testing.T) {
	sealed, mallory := paper(t), identity(t, "Mallory")
	const other = "5 0 obj\n<</Length 2>>\nstream\nBT\nendstream\nendobj\n"
	stream := func(content string) func(u *update) {
		return func(u *update) {
			u.put(40, fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content))
		}
	}
	for name, tt := range map[string]struct {
		countersignature
		fault string
	}{
		"rows of twenty bytes":            {countersignature{more: table("%010d 00000 n\r\n", 100)}, ""},
		"rows of nineteen":                {countersignature{more: table("%010d 00000 n\n", 100)}, "cannot be read"},
		"rows of other digits":            {countersignature{more: table("%011d 0000 n \n", 100)}, "cannot be read"},
		"fewer objects than there are":    {countersignature{more: table("%010d 00000 n \n", 6)}, "counts fewer"},
		"the same in a stream":            {countersignature{more: streamTable{more: "/Size1 1"}.put}, ""},
		"no count of them":                {countersignature{more: table("%010d 00000 n \n", 0)}, "counts fewer"},
		"an object within a stream":       {countersignature{more: stream(other)}, "take for another part"},
		"an object within a text":         {countersignature{widget: "/NM (5 0\nobj <</Length 2>> endobj)"}, "take for another part"},
		"a trailer within a stream":       {countersignature{more: stream("trailer <</Root 4 0 R>>")}, "take for another part"},
		"a form that draws itself, apart": {countersignature{form: "/NeedAppearances 40 0 R", more: func(u *update) { u.put(40, "true") }}, "the form"},
		"a form that does not":            {countersignature{form: "/NeedAppearances 40 0 R", more: func(u *update) { u.put(40, "false") }}, ""},
		"another seal of the office":      {countersignature{field: "<</Type /Annot /Subtype /Widget /FT /Sig /T (Seal of the office) /Rect [300 100 500 150] /V 21 0 R>>"}, "the name of one that was there"},
		"the same in wide letters":        {countersignature{field: "<</Type /Annot /Subtype /Widget /FT /Sig /T <FEFF005300650061006C0020006F006600200074006800650020006F00660066006900630065> /Rect [300 100 500 150] /V 21 0 R>>"}, "the name of one that was there"},
		"a field without a name":          {countersignature{field: "<</Type /Annot /Subtype /Widget /FT /Sig /T () /Rect [300 100 500 150] /V 21 0 R>>"}, "not for a signature"},
		"new terms on empty paper":        {countersignature{rect: "60 20 535 400"}, "more than an eighth"},
		"a picture that is none":          {countersignature{field: "<</Type /Annot /Subtype /Widget /FT /Sig /T (S) /Rect [300 100 500 150] /V 21 0 R /AP <</N 40 0 R>>>>", more: stream("BT")}, "not drawn"},
		"of SHA-1 within":                 {countersignature{make: ofSHA1}, "hash"},
	} {
		t.Run(name, func(t *testing.T) {
			a := Read(countersigned(t, sealed, mallory, tt.countersignature))
			if tt.fault == "" && a.Fault != "" || tt.fault != "" && !strings.Contains(a.Fault, tt.fault) {
				t.Errorf("fault %q, want %q", a.Fault, tt.fault)
			}
		})
	}
}

// Some programs write more than they need to, of which nothing is seen.
func TestWhatProgramsWriteToo(t *testing.T) {
	sealed, alice := paper(t), identity(t, "Alice")
	page := func(more string) string {
		return "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <</Font <</F1 7 0 R>>>> /Contents 5 0 R /Annots [9 0 R 20 0 R] " + more + ">>"
	}
	for name, tt := range map[string]struct {
		countersignature
		fault string
	}{
		"what a page inherits":            {countersignature{page: page("/CropBox [0 0 595 842]")}, ""},
		"another part of it":              {countersignature{page: page("/CropBox [0 0 595 400]")}, "page 1 was changed"},
		"another from above":              {countersignature{more: func(u *update) { u.put(2, "<</Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /CropBox [0 0 595 400]>>") }}, "was changed"},
		"the structure":                   {countersignature{more: func(u *update) { u.put(12, "<</Type /StructElem /S /P /K 0 /ActualText (no)>>") }}, "is read out"},
		"its root":                        {countersignature{more: func(u *update) { u.put(11, "<</Type /StructTreeRoot /K [40 0 R]>>") }}, "is read out"},
		"the structure, and words":        {countersignature{more: func(u *update) { u.put(12, "<</Type /StructElem>>"); u.put(5, "<</Length 0>>\nstream\n\nendstream") }}, "a part of the paper"},
		"a place in the structure":        {countersignature{widget: "/StructParent 7"}, "is read out"},
		"unseen where it is not known":    {countersignature{rect: "0 0 0 0", field: "<</Type /Annot /Subtype /Widget /FT /Sig /T (S) /F 3 /Rect [0 0 0 0] /V 21 0 R>>"}, ""},
		"seen when it is asked for alone": {countersignature{field: "<</Type /Annot /Subtype /Widget /FT /Sig /T (S) /F 32 /Rect [300 100 500 150] /V 21 0 R>>"}, "does not stay"},
	} {
		t.Run(name, func(t *testing.T) {
			a := Read(countersigned(t, sealed, alice, tt.countersignature))
			if tt.fault == "" && a.Fault != "" || tt.fault != "" && !strings.Contains(a.Fault, tt.fault) {
				t.Errorf("fault %q, want %q", a.Fault, tt.fault)
			}
		})
	}
}

// Whoever signs twice could have a part of the first signature's picture be a part of the
// paper that may change: for who signed between, it would have become another picture.
func TestAPictureThatChangesLater(t *testing.T) {
	sealed, mallory, bob := paper(t), identity(t, "Mallory"), identity(t, "Bob")
	description := func(number int, ink string) func(u *update) {
		return func(u *update) {
			u.put(number, fmt.Sprintf("<</Type /Metadata /Subtype /Form /BBox [0 0 200 50] /Length %d>>\nstream\n%s\nendstream", len(ink), ink))
		}
	}
	const signs = "<</Type /Annot /Subtype /Widget /FT /Sig /T (Signature20) /F 132 /Rect [300 100 500 150] /P 3 0 R /V 21 0 R /AP <</N %d 0 R>>>>"
	for name, tt := range map[string]struct {
		picture int
		fault   string
	}{
		"of which nothing is said": {22, ""},
		"that describes the paper": {50, "part of something else as well"},
	} {
		t.Run(name, func(t *testing.T) {
			one := countersigned(t, sealed, mallory, countersignature{root: "/Metadata 50 0 R", field: fmt.Sprintf(signs, tt.picture), more: description(50, "q")})
			two := countersigned(t, one, bob, countersignature{first: 30, rect: "300 200 500 250", root: "/Metadata 50 0 R"})
			three := countersigned(t, two, mallory, countersignature{first: 40, rect: "300 300 500 350", root: "/Metadata 50 0 R", more: description(50, "Q")})
			if a := Read(three); tt.fault == "" && a.Fault != "" || tt.fault != "" && !strings.Contains(a.Fault, tt.fault) {
				t.Errorf("fault %q, want %q", a.Fault, tt.fault)
			}
		})
	}
}

// ofSHA1 is a signature that names SHA-256 for the paper, and is itself made over SHA-1.
func ofSHA1(t testing.TB, by *person, content []byte) []byte {
	t.Helper()
	der := plainCMS(t, by, content)
	p, err := pkcs7.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	says, err := asn1.MarshalWithParams(p.Signers[0].AuthenticatedAttributes, "set")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(says)
	signature, err := by.key.Sign(rand.Reader, sum[:], crypto.SHA1)
	if err != nil {
		t.Fatal(err)
	}
	// The structure of a signature, of which the last two parts are put in again.
	type signerInfo struct {
		Version   int
		Who       asn1.RawValue
		Digest    asn1.RawValue
		Says      asn1.RawValue
		Algorithm struct{ Algorithm asn1.ObjectIdentifier }
		Signature []byte
	}
	type signedData struct {
		Version      int
		Digests      asn1.RawValue
		Content      asn1.RawValue
		Certificates asn1.RawValue
		Signers      []signerInfo `asn1:"set"`
	}
	type contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}
	var outer contentInfo
	var inner signedData
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &inner); err != nil {
		t.Fatal(err)
	}
	inner.Signers[0].Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}
	inner.Signers[0].Signature = signature
	text, err := asn1.Marshal(inner)
	if err != nil {
		t.Fatal(err)
	}
	outer.Content = asn1.RawValue{Class: 2, IsCompound: true, Bytes: text}
	if der, err = asn1.Marshal(outer); err != nil {
		t.Fatal(err)
	}
	return der
}
