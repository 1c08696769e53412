package signed

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"
)

// paper is a file with two pages of words, as small as can be, and sealed as the office
// seals: the objects of its catalogue, its pages and their words are 1, 3 and 4, 5 and 6.
func paper(t testing.TB) []byte {
	t.Helper()
	u := &update{prev: -1}
	u.WriteString("%PDF-1.7\n")
	u.put(1, "<</Type /Catalog /Pages 2 0 R /Lang (en-GB) /Names <</EmbeddedFiles <</Names []>>>>>>")
	u.put(2, "<</Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /CropBox [0 0 595 842]>>")
	for i, words := range []string{"BT /F1 10 Tf 60 700 Td <00010002000300040005> Tj ET", "BT /F1 10 Tf 60 500 Td <00010002> Tj ET"} {
		u.put(3+i, fmt.Sprintf("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <</Font <</F1 7 0 R>>>> /Contents %d 0 R>>", 5+i))
		u.put(5+i, fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(words), words))
	}
	u.put(7, "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>")
	u.put(11, "<</Type /StructTreeRoot /K [12 0 R]>>")
	u.put(12, "<</Type /StructElem /S /P /K 0>>")
	u.put(8, "<</Title (An agreement) /CreationDate (D:20260301120000Z)>>")
	plain := u.end("/Root 1 0 R /Info 8 0 R")

	s := &update{prev: lastOf(plain)}
	s.Write(plain)
	s.put(1, "<</Type /Catalog /Pages 2 0 R /Lang (en-GB) /Names <</EmbeddedFiles <</Names []>>>> /AcroForm <</Fields [9 0 R] /SigFlags 3>> /Perms <</DocMDP 10 0 R>>>>")
	s.put(3, "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <</Font <</F1 7 0 R>>>> /Contents 5 0 R /Annots [9 0 R]>>")
	s.put(9, "<</Type /Annot /Subtype /Widget /FT /Sig /T (Seal of the office) /F 4 /Rect [0 0 0 0] /P 3 0 R /V 10 0 R>>")
	return s.sign(t, 10, "ETSI.CAdES.detached", identity(t, "Seal"), plainCMS, "/Root 1 0 R /Info 8 0 R")
}

// An update is what is written behind a file.
type update struct {
	bytes.Buffer
	prev   int
	at     [][2]int
	hidden map[int]bool // objects that its table does not name
	table  func(u *update, trailer string)
}

func (u *update) put(number int, body string) {
	u.at = append(u.at, [2]int{number, u.Len()})
	fmt.Fprintf(u, "%d 0 obj\n%s\nendobj\n", number, body)
}

func (u *update) end(trailer string) []byte {
	if u.prev >= 0 {
		trailer += fmt.Sprintf(" /Prev %d", u.prev)
	}
	if u.table != nil {
		u.table(u, trailer)
		return bytes.Clone(u.Bytes())
	}
	table, size := u.Len(), 100
	u.WriteString("xref\n")
	for _, o := range u.at {
		if !u.hidden[o[0]] {
			fmt.Fprintf(u, "%d 1\n%010d 00000 n \n", o[0], o[1])
		}
	}
	fmt.Fprintf(u, "trailer\n<</Size %d %s>>\nstartxref\n%d\n%%%%EOF\n", size, trailer, table)
	return bytes.Clone(u.Bytes())
}

func lastOf(pdf []byte) int {
	at, err := lastTable(pdf)
	if err != nil {
		panic(err)
	}
	return at
}

// room is for a signature, in bytes.
const room = 6000

// sign puts the value of a signature under a number, ends the update, and signs.
func (u *update) sign(t testing.TB, number int, kind string, by *person, make func(testing.TB, *person, []byte) []byte, trailer string) []byte {
	t.Helper()
	u.at = append(u.at, [2]int{number, u.Len()})
	fmt.Fprintf(u, "%d 0 obj\n<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /%s /M (D:20260401100000Z) /ByteRange [0 %30s] /Contents ", number, kind, "")
	from := u.Len()
	fmt.Fprintf(u, "<%s>", strings.Repeat("0", 2*room))
	to := u.Len()
	u.WriteString(">>\nendobj\n")
	pdf := u.end(trailer)
	i := bytes.LastIndex(pdf, []byte("/ByteRange [0 ")) + len("/ByteRange [0 ")
	copy(pdf[i:], fmt.Sprintf("%d %d %d", from, to, len(pdf)-to))
	hex.Encode(pdf[from+1:], make(t, by, bytes.Join([][]byte{pdf[:from], pdf[to:]}, nil)))
	return pdf
}

// A person has a certificate.
type person struct {
	key  crypto.Signer
	cert *x509.Certificate
	more []*x509.Certificate
}

// today is when all sign: the library that makes their signatures asks the clock.
var today = time.Now().UTC()

// identity is a person with a certificate, signed by another if one is given.
func identity(t testing.TB, name string, by ...*person) *person {
	t.Helper()
	return certified(t, &x509.Certificate{Subject: pkix.Name{CommonName: name, Organization: []string{"University of " + name}}, KeyUsage: x509.KeyUsageDigitalSignature}, by...)
}

func certified(t testing.TB, facts *x509.Certificate, by ...*person) *person {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keyed(t, key, facts, by...)
}

func keyed(t testing.TB, key crypto.Signer, facts *x509.Certificate, by ...*person) *person {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<60))
	if err != nil {
		t.Fatal(err)
	}
	facts.SerialNumber, facts.BasicConstraintsValid = serial, true
	if facts.NotAfter.IsZero() {
		facts.NotBefore, facts.NotAfter = today.AddDate(-1, 0, 0), today.AddDate(1, 0, 0)
	}
	above, with := facts, key
	if len(by) > 0 {
		above, with = by[0].cert, by[0].key
	}
	der, err := x509.CreateCertificate(rand.Reader, facts, above, key.Public(), with)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{key: key}
	if p.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return p
}

func authority(t testing.TB, name string, by ...*person) *person {
	t.Helper()
	return certified(t, &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, KeyUsage: x509.KeyUsageCertSign}, by...)
}

func (p *person) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw})
}

// plainCMS is a signature as most programs make it.
func plainCMS(t testing.TB, by *person, content []byte) []byte {
	return cms(t, by, content, func(d *pkcs7.SignedData) { d.Detach() }, pkcs7.OIDDigestAlgorithmSHA256)
}

func cms(t testing.TB, by *person, content []byte, finish func(*pkcs7.SignedData), hash asn1.ObjectIdentifier) []byte {
	t.Helper()
	d, err := pkcs7.NewSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	d.SetDigestAlgorithm(hash)
	if err := d.AddSignerChain(by.cert, by.key, by.more, pkcs7.SignerInfoConfig{}); err != nil {
		t.Fatal(err)
	}
	finish(d)
	der, err := d.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// A countersignature is a signature that somebody adds, and what is wrong with it.
type countersignature struct {
	first   int    // number of its objects
	rect    string // where it is seen
	widget  string // more about it
	field   string // instead of it
	kind    string
	make    func(testing.TB, *person, []byte) []byte
	more    func(u *update)
	root    string // more in the catalogue
	fields  string // of the form
	form    string // more in the form
	page    string // instead of the page's own words
	trailer string
}

// countersigned is a paper with one more signature.
func countersigned(t testing.TB, pdf []byte, by *person, c countersignature) []byte {
	t.Helper()
	n := c.first
	if n == 0 {
		n = 20
	}
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	u := &update{prev: lastOf(pdf), hidden: map[int]bool{}}
	u.Write(pdf)
	fields, annots := " ", " "
	for i := 20; i < n; i += 10 {
		fields, annots = fmt.Sprintf("%s%d 0 R ", fields, i), fmt.Sprintf("%s%d 0 R ", annots, i)
	}
	u.put(1, fmt.Sprintf("<</Type /Catalog /Pages 2 0 R /Lang <656E2D4742> /Names <</EmbeddedFiles <</Names []>>>> /AcroForm <</Fields [%s] /SigFlags 3 %s>> /Perms <</DocMDP 10 0 R>> %s>>",
		or(c.fields, fmt.Sprintf("9 0 R%s%d 0 R", fields, n)), c.form, c.root))
	u.put(3, or(c.page, fmt.Sprintf("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595.0 842] /Resources <</Font <</F1 7 0 R>>>> /Contents 5 0 R /Annots [9 0 R%s%d 0 R]>>", annots, n)))
	u.put(n, or(c.field, fmt.Sprintf("<</Type /Annot /Subtype /Widget /FT /Sig /T (Signature%d) /F 132 /Rect [%s] /P 3 0 R /V %d 0 R /AP <</N %d 0 R>> %s>>", n, or(c.rect, "300 100 500 150"), n+1, n+2, c.widget)))
	u.put(n+2, "<</Type /XObject /Subtype /Form /BBox [0 0 200 50] /Length 0>>\nstream\n\nendstream")
	if c.more != nil {
		c.more(u)
	}
	make := c.make
	if make == nil {
		make = plainCMS
	}
	return u.sign(t, n+1, or(c.kind, "adbe.pkcs7.detached"), by, make, or(c.trailer, "/Root 1 0 R /Info 8 0 R"))
}

// rewritten replaces the last of some text by some of the same length.
func rewritten(t testing.TB, pdf []byte, was, is string) []byte {
	t.Helper()
	i := bytes.LastIndex(pdf, []byte(was))
	if i < 0 || len(was) != len(is) {
		t.Fatalf("%q is not there, or %q has another length", was, is)
	}
	pdf = bytes.Clone(pdf)
	copy(pdf[i:], is)
	return pdf
}

var byteRange = regexp.MustCompile(`/ByteRange \[0 (\d+) (\d+) (\d+)`)

func rsaKey(t testing.TB, bits int) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
