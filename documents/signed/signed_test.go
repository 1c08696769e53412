package signed

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"crypto/x509"

	"github.com/digitorus/pkcs7"
)

// What controllers do, one after the other.
func TestSignaturesAreFound(t *testing.T) {
	sealed := paper(t)
	if a := Read(sealed); a.Borne || a.Issued != len(sealed) || a.Fault != "" {
		t.Fatalf("as it was issued: %+v", a)
	}
	alice, bob := identity(t, "Alice"), identity(t, "Bob")
	one := countersigned(t, sealed, alice, countersignature{})
	two := countersigned(t, one, bob, countersignature{first: 30, rect: "300 200 500 250"})
	for name, tt := range map[string]struct {
		pdf []byte
		by  []*person
	}{
		"one":                 {one, []*person{alice}},
		"two":                 {two, []*person{alice, bob}},
		"unseen":              {countersigned(t, sealed, alice, countersignature{rect: "0 0 0 0"}), []*person{alice}},
		"ETSI":                {countersigned(t, sealed, alice, countersignature{kind: "ETSI.CAdES.detached"}), []*person{alice}},
		"in no form's list":   {countersigned(t, sealed, alice, countersignature{fields: "9 0 R"}), []*person{alice}},
		"RSA":                 {countersigned(t, sealed, keyed(t, rsaKey(t, 2048), &x509.Certificate{}), countersignature{}), []*person{nil}},
		"of SHA-512":          {countersigned(t, sealed, alice, countersignature{make: hashed(pkcs7.OIDDigestAlgorithmSHA512)}), []*person{alice}},
		"with certificates":   {countersigned(t, sealed, alice, countersignature{root: "/DSS 40 0 R", more: dss}), []*person{alice}},
		"with a new date":     {countersigned(t, sealed, alice, countersignature{more: func(u *update) { u.put(8, "<</Title (An agreement) /ModDate (D:20260401)>>") }}), []*person{alice}},
		"with its own fonts":  {countersigned(t, sealed, alice, countersignature{form: "/DR <</Font <</Helv 40 0 R>>>> /DA (/Helv 0 Tf)", more: func(u *update) { u.put(40, "<</Type /Font>>") }}), []*person{alice}},
		"behind a remark":     {countersigned(t, append(bytes.Clone(sealed), "% signed by a program\n"...), alice, countersignature{}), []*person{alice}},
		"something moved out": {countersigned(t, sealed, alice, countersignature{page: "<</Type /Page /Parent 2 0 R /MediaBox 40 0 R /Resources <</Font <</F1 7 0 R>>>> /Contents 5 0 R /Annots [9 0 R 20 0 R]>>", more: func(u *update) { u.put(40, "[0 0 595 842]") }}), []*person{alice}},
	} {
		t.Run(name, func(t *testing.T) {
			a := Read(tt.pdf)
			if a.Fault != "" || !a.Borne || a.Issued != len(sealed) || len(a.Signatures) != len(tt.by) {
				t.Fatalf("%d signatures, %d bytes issued, fault %q", len(a.Signatures), a.Issued, a.Fault)
			}
			for i, by := range tt.by {
				if by != nil && !bytes.Equal(a.Signatures[i].Chain[0], by.cert.Raw) {
					t.Errorf("the signature %d is somebody else's", i+1)
				}
				if at := a.Signatures[i].At; time.Since(at) > time.Hour {
					t.Errorf("it says that it was made on %s", at)
				}
			}
		})
	}
}

// behind is a file with something more behind it, which nobody signs.
func behind(pdf []byte, more func(u *update)) []byte {
	u := &update{prev: lastOf(pdf), hidden: map[int]bool{}}
	u.Write(pdf)
	more(u)
	return u.end("/Root 1 0 R /Info 8 0 R")
}

func dss(u *update) { u.put(40, "<</Type /DSS /Certs []>>") }

func hashed(by []int) func(testing.TB, *person, []byte) []byte {
	return func(t testing.TB, p *person, content []byte) []byte {
		return cms(t, p, content, func(d *pkcs7.SignedData) { d.Detach() }, by)
	}
}

// What attackers do, with signatures that are good: shadow attacks, parts that are not
// covered (USF, ISA, SWA: Mladenov and others 2019), and what is not a signature.
func TestAttacksAreRefused(t *testing.T) {
	sealed := paper(t)
	alice, mallory := identity(t, "Alice"), identity(t, "Mallory")
	good := countersigned(t, sealed, alice, countersignature{})
	page := func(more string) string {
		return "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <</Font <</F1 7 0 R>>>> " + more + ">>"
	}
	by := func(c countersignature) []byte { return countersigned(t, sealed, mallory, c) }
	putting := func(number int, body string) []byte {
		return by(countersignature{more: func(u *update) { u.put(number, body) }})
	}
	swapped := func(is func(from, to, rest int) string) []byte {
		m := byteRange.FindAllSubmatch(good, -1)[1]
		var from, to, rest int
		fmt.Sscan(string(m[1])+" "+string(m[2])+" "+string(m[3]), &from, &to, &rest)
		return rewritten(t, good, string(m[0]), fmt.Sprintf("%-*s", len(m[0]), is(from, to, rest)))
	}
	for name, tt := range map[string]struct {
		pdf   []byte
		fault string
	}{
		// Content.
		"words of a page replaced":        {putting(5, "<</Length 2>>\nstream\nBT\nendstream"), "a part of the paper"},
		"words of the second page":        {putting(6, "<</Length 2>>\nstream\nBT\nendstream"), "a part of the paper"},
		"a page drawn with other words":   {by(countersignature{page: page("/Contents 40 0 R /Annots [9 0 R 20 0 R]"), more: func(u *update) { u.put(40, "<</Length 0>>\nstream\n\nendstream") }}), "page 1 was changed"},
		"a page put on another's place":   {putting(4, page("/Contents 5 0 R")), "page 2 was changed"},
		"a page turned":                   {by(countersignature{page: page("/Contents 5 0 R /Rotate 90 /Annots [9 0 R 20 0 R]")}), "page 1 was changed"},
		"pages taken out":                 {putting(2, "<</Type /Pages /Kids [3 0 R] /Count 1>>"), "a part of the paper"},
		"another font":                    {putting(7, "<</Type /Font /Subtype /Type1 /BaseFont /Courier>>"), "a part of the paper"},
		"other pages in the catalogue":    {by(countersignature{root: "/OpenAction 40 0 R"}), "what opens"},
		"another catalogue":               {by(countersignature{trailer: "/Root 40 0 R /Info 8 0 R", more: func(u *update) { u.put(40, "<</Type /Catalog /Pages 2 0 R>>") }}), "does not follow"},
		"encrypted":                       {by(countersignature{trailer: "/Root 1 0 R /Encrypt 40 0 R"}), "encrypted"},
		"a layer that is switched":        {by(countersignature{root: "/OCProperties <</D <<>>>>"}), "what opens"},
		"a script":                        {by(countersignature{root: "/AA <</WC 40 0 R>>"}), "what opens"},
		"an attachment":                   {by(countersignature{root: "/AF [40 0 R]", more: func(u *update) { u.put(40, "<</Type /Filespec>>") }}), "what opens"},
		"the right to sign":               {by(countersignature{root: "", more: func(u *update) { u.put(10, "<</Type /Sig>>") }}), "a part of the paper"},
		"the seal":                        {putting(9, "<</Type /Annot /Subtype /Widget /FT /Sig /T (Seal of the office) /Rect [0 0 595 842]>>"), "a signature that was there"},
		"a page's description as details": {by(countersignature{trailer: "/Root 1 0 R /Info 4 0 R"}), "the description"},
		"words as metadata":               {by(countersignature{root: "/Metadata 5 0 R", more: func(u *update) { u.put(5, "<</Type /Metadata /Length 0>>\nstream\n\nendstream") }}), "a part of something else"},
		"words as certificates":           {by(countersignature{root: "/DSS 5 0 R", more: func(u *update) { u.put(5, "<</Certs []>>") }}), "a part of something else"},
		// What lies on a page.
		"a signature over words":         {by(countersignature{rect: "55 690 200 720"}), "over its words"},
		"a signature over all":           {by(countersignature{rect: "595 842 0 0"}), "over its words"},
		"a signature without a place":    {by(countersignature{field: "<</Subtype /Widget /FT /Sig /T (S) /V 21 0 R>>"}), "no place"},
		"a signature that grows":         {by(countersignature{field: "<</Subtype /Widget /FT /Sig /T (S) /F 12 /Rect [300 100 500 150] /V 21 0 R>>"}), "does not stay"},
		"a signature drawn by a page":    {by(countersignature{field: "<</Subtype /Widget /FT /Sig /T (S) /Rect [300 100 500 150] /V 21 0 R /AP <</N 5 0 R>>>>"}), "not drawn"},
		"a signature with a script":      {by(countersignature{widget: "/AA <</E 40 0 R>>"}), "more than that"},
		"a stamp beside it":              {by(countersignature{page: page("/Contents 5 0 R /Annots [9 0 R 20 0 R 40 0 R]"), more: func(u *update) { u.put(40, "<</Type /Annot /Subtype /Stamp /Rect [60 690 100 710]>>") }}), "no signature"},
		"words in a field beside it":     {by(countersignature{fields: "9 0 R 20 0 R 40 0 R", more: func(u *update) { u.put(40, "<</FT /Tx /T (Amount) /V (1000)>>") }}), "not for a signature"},
		"a form that draws itself":       {by(countersignature{form: "/NeedAppearances true"}), "the form"},
		"a form that holds values twice": {by(countersignature{form: "/XFA 40 0 R"}), "the form"},
		"the seal's field gone":          {by(countersignature{fields: "20 0 R"}), "fields of the paper"},
		// What is covered.
		"one digit of ours altered":    {rewritten(t, good, "<00010002>", "<00010003>"), "not of this paper"},
		"something behind it":          {append(bytes.Clone(good), "\n \n"...), "behind the last signature"},
		"shown later":                  {behind(good, func(u *update) { u.put(5, "<</Length 2>>\nstream\nBT\nendstream") }), "a part of the paper"},
		"hidden and replaced":          {behind(good, func(u *update) { u.put(22, "<</Type /XObject /Subtype /Form /Length 0>>\nstream\n\nendstream") }), "a part of the paper"},
		"only something added":         {behind(sealed, dss), ""},
		"a signature put in again":     {behind(good, func(u *update) { u.put(21, "<</Type /Sig>>") }), "a part of the paper"},
		"no range":                     {rewritten(t, good, "/ByteRange", "/Bytesange"), ""},
		"a range of nothing":           {swapped(func(int, int, int) string { return "/ByteRange [0 0 0 0" }), "leaves out more"},
		"a range without the paper":    {swapped(func(from, to, rest int) string { return fmt.Sprintf("/ByteRange [9 %d %d %d", from, to, rest) }), "leaves out more"},
		"a wider hole":                 {swapped(func(from, to, rest int) string { return fmt.Sprintf("/ByteRange [0 %d %d %d", from, to+1, rest-1) }), "leaves out more"},
		"a range beyond the end":       {swapped(func(from, to, rest int) string { return fmt.Sprintf("/ByteRange [0 %d %d %d", from, to, rest+9) }), "leaves out more"},
		"a range that ends before":     {swapped(func(from, to, rest int) string { return fmt.Sprintf("/ByteRange [0 %d %d %d", from, to, rest-9) }), "not of this paper"},
		"no signature in its place":    {rewritten(t, good, "/Contents <30", "/Contents <00"), "cannot be read"},
		"something behind it in there": {rewritten(t, good, "00>>>\nendobj", "01>>>\nendobj"), "something stands behind it"},
		// What others could see there.
		"an object that no table names":   {by(countersignature{more: func(u *update) { u.put(40, "<</Type /Catalog>>"); u.hidden[40] = true }}), "does not name"},
		"a table that points elsewhere":   {rewritten(t, good, fmt.Sprintf("22 1\n%010d", bytes.LastIndex(good, []byte("22 0 obj"))), fmt.Sprintf("22 1\n%010d", 9)), "does not name"},
		"an object in a remark":           {by(countersignature{more: func(u *update) { u.WriteString("% 5 0 obj <<>> endobj\n") }}), "cannot be read"},
		"a name that stands twice":        {by(countersignature{widget: "/T (Seal)"}), "cannot be read"},
		"an older table":                  {rewritten(t, good, fmt.Sprintf("/Prev %d", lastOf(sealed)), fmt.Sprintf("/Prev %0*d", len(fmt.Sprint(lastOf(sealed))), 9)), "does not follow"},
		"an object of another generation": {rewritten(t, good, "3 0 obj", "3 1 obj"), "does not name"},
		"a stream that hides its end":     {putting(40, "<</Length 41 0 R>>\nstream\n\nendstream"), "cannot be read"},
		// What is no good signature.
		"of SHA-1":         {by(countersignature{make: hashed(pkcs7.OIDDigestAlgorithmSHA1)}), "hash"},
		"with a short key": {countersigned(t, sealed, keyed(t, rsaKey(t, 1024), &x509.Certificate{}), countersignature{}), "1024 bits"},
		"with its own content": {by(countersignature{make: func(t testing.TB, p *person, c []byte) []byte {
			return cms(t, p, c[:10], func(*pkcs7.SignedData) {}, pkcs7.OIDDigestAlgorithmSHA256)
		}}), "something else"},
		"by two people in one": {by(countersignature{make: func(t testing.TB, p *person, c []byte) []byte {
			return cms(t, p, c, func(d *pkcs7.SignedData) {
				if err := d.AddSigner(alice.cert, alice.key, pkcs7.SignerInfoConfig{}); err != nil {
					t.Fatal(err)
				}
				d.Detach()
			}, pkcs7.OIDDigestAlgorithmSHA256)
		}}), "not by one person"},
		"of another file":            {by(countersignature{make: func(t testing.TB, p *person, c []byte) []byte { return plainCMS(t, p, c[1:]) }}), "not of this paper"},
		"nobody's":                   {by(countersignature{make: func(testing.TB, *person, []byte) []byte { return []byte{0x30, 0} }}), "cannot be read"},
		"of a kind that is not read": {by(countersignature{kind: "adbe.x509.rsa_sha1"}), "not read"},
		"when it was not valid":      {countersigned(t, sealed, certified(t, &x509.Certificate{NotBefore: today.AddDate(-2, 0, 0), NotAfter: today.AddDate(-1, 0, 0)}), countersignature{}), "not valid"},
		"two at once":                {by(countersignature{fields: "9 0 R 20 0 R 40 0 R", more: func(u *update) { u.put(40, "<</FT /Sig /T (Another) /V 41 0 R>>"); u.put(41, "<</Type /Sig>>") }}), "two signatures"},
	} {
		t.Run(name, func(t *testing.T) {
			a := Read(tt.pdf)
			if tt.fault == "" { // it is signed by nobody: people look at it
				if a.Borne || len(a.Signatures) > 0 {
					t.Errorf("%+v", a)
				}
				return
			}
			if a.Fault == "" || !strings.Contains(a.Fault, tt.fault) || len(a.Signatures) > 0 {
				t.Errorf("%d signatures, fault %q, want %q", len(a.Signatures), a.Fault, tt.fault)
			}
		})
	}
}

// Whoever alters the paper and signs what came of it has signed something else than
// was issued: it does not begin with it, which the caller finds by its hash.
func TestAlteredAndSigned(t *testing.T) {
	sealed := paper(t)
	altered := countersigned(t, rewritten(t, sealed, "<00010002>", "<00010003>"), identity(t, "Mallory"), countersignature{})
	if a := Read(altered); !a.Borne || bytes.HasPrefix(sealed, altered[:a.Issued]) {
		t.Errorf("%+v", a)
	}
	alone := rewritten(t, countersigned(t, sealed, identity(t, "Mallory"), countersignature{}), "Seal of the office", "Seal of the Office")
	if a := Read(alone); !a.Borne {
		t.Error("signed by a stranger alone, it bears no signature")
	}
}

func FuzzRead(f *testing.F) {
	sealed := paper(f)
	alice := identity(f, "Alice")
	f.Add(sealed)
	one := countersigned(f, sealed, alice, countersignature{root: "/DSS 40 0 R", more: dss})
	f.Add(one)
	f.Add(countersigned(f, one, alice, countersignature{first: 30}))
	f.Fuzz(func(t *testing.T, pdf []byte) {
		a := Read(pdf)
		if len(a.Signatures) > 0 && (a.Fault != "" || a.Issued <= 0 || a.Issued >= len(pdf)) {
			t.Errorf("%+v", a)
		}
	})
}
