package documents

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/digitorus/pkcs7"
)

// A Seal says that a paper is the office's and is as the office made it (PAdES,
// ETSI EN 319 142-1, baseline B-B; with a time stamp B-T). It is nobody's signature.
type Seal struct {
	Certificate *x509.Certificate
	Key         crypto.Signer // ECDSA P-256 or RSA

	// On is the day of the seal, where that is not the paper's own: what is for the
	// public has the date from which it holds.
	On time.Time

	// Stamp has an authority say when a content was there, by its SHA-256, and returns
	// what ReadStamp made of the answer, or nil: the seal then stands without a time
	// stamp. It may be nil itself.
	Stamp func(digest []byte) (token []byte)
}

// sealRoom is how many bytes are left for the seal itself: a chain of RSA
// certificates and a time stamp take less.
const sealRoom = 12 << 10

// Put seals a paper that Press drew. What is added stands behind the paper's own
// bytes, and allows further signatures and nothing else. The seal has the date of
// the paper, so that whoever draws and seals the same paper again has the same bytes,
// but for a time stamp.
func (s Seal) Put(pdf []byte) ([]byte, error) {
	f, err := apart(pdf)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	dated := created.FindSubmatch(f.objects[f.info])
	if dated == nil {
		return nil, fmt.Errorf("seal: %w", errShape)
	}
	on := string(dated[1])
	if !s.On.IsZero() {
		on = s.On.UTC().Format("20060102150405")
	}
	prev, err := tableAt(pdf)
	if err != nil {
		return nil, err
	}
	u := revision{from: pdf}
	u.Write(pdf)
	first := f.pages[0]
	field, value := len(f.objects), len(f.objects)+1
	u.object(f.root, withEntry(f.objects[f.root], fmt.Sprintf("/AcroForm <</Fields [%d 0 R] /SigFlags 3>> /Perms <</DocMDP %d 0 R>>", field, value)))
	u.object(first, withEntry(f.objects[first], fmt.Sprintf("/Annots [%d 0 R]", field)))
	u.object(field, fmt.Appendf(nil, "<</Type /Annot /Subtype /Widget /FT /Sig /T (Seal of the office) /F 4 /Rect [0 0 0 0] /P %d 0 R /V %d 0 R>>", first, value))
	u.at = append(u.at, written{value, u.Len()})
	fmt.Fprintf(&u, "%d 0 obj\n<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Name %s /Reason (Issued by the office) /M (D:%sZ)"+
		" /Reference [<</Type /SigRef /TransformMethod /DocMDP /TransformParams <</Type /TransformParams /P 2 /V /1.2>>>>] /ByteRange [0 ",
		value, text(s.Certificate.Subject.CommonName), on)
	ranges := u.Len()
	fmt.Fprintf(&u, "%36s] /Contents ", "")
	from := u.Len()
	fmt.Fprintf(&u, "<%s>", strings.Repeat("0", 2*sealRoom))
	to := u.Len()
	u.WriteString(">>\nendobj\n")
	u.end(value+1, f.root, f.info, prev)
	sealed := u.Bytes()
	copy(sealed[ranges:], fmt.Sprintf("%d %d %d", from, to, len(sealed)-to))
	digest := sha256.Sum256(bytes.Join([][]byte{sealed[:from], sealed[to:]}, nil))
	signed, err := s.sign(digest[:])
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if len(signed) > sealRoom {
		return nil, fmt.Errorf("seal: its certificates take %d bytes, and there is room for %d", len(signed), sealRoom)
	}
	hex.Encode(sealed[from+1:], signed)
	return sealed, nil
}

// withEntry adds an entry to a dictionary.
func withEntry(body []byte, entry string) []byte {
	return append(bytes.TrimSuffix(bytes.Clone(body), []byte(">>")), " "+entry+">>"...)
}

// tableAt is where a file's newest table of objects begins.
func tableAt(pdf []byte) (int, error) {
	_, tail, _ := cutLast(pdf, "startxref\n")
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(string(tail)), "%%EOF")))
	if err != nil {
		return 0, errShape
	}
	return n, nil
}

// A revision is what is written behind a file: objects that replace others or are
// new (ISO 32000-1, 7.5.6).
type revision struct {
	bytes.Buffer
	from []byte
	at   []written
}

type written struct{ number, offset int }

func (u *revision) object(number int, body []byte) {
	u.at = append(u.at, written{number, u.Len()})
	fmt.Fprintf(u, "%d 0 obj\n%s\nendobj\n", number, body)
}

// end writes the table of the objects that were written, and the trailer.
func (u *revision) end(size, root, info, prev int) {
	table := u.Len()
	u.WriteString("xref\n")
	for _, p := range u.at {
		fmt.Fprintf(u, "%d 1\n%010d 00000 n \n", p.number, p.offset)
	}
	id := sha256.Sum256(u.Bytes())
	fmt.Fprintf(u, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /Prev %d /ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		size, root, info, prev, firstID(u.from), id[:16], table)
}

var created = regexp.MustCompile(`/CreationDate \(D:(\d{14})Z\)`)

var identifier = regexp.MustCompile(`/ID \[<([0-9a-f]{32})>`)

// firstID is the identifier that a file keeps through its updates.
func firstID(pdf []byte) []byte {
	all := identifier.FindAllSubmatch(pdf, -1)
	if len(all) == 0 {
		return nil
	}
	id, _ := hex.DecodeString(string(all[0][1])) // it was matched
	return id
}

// A SealRead is what the seal of a paper says.
type SealRead struct {
	Certificate *x509.Certificate
	Fingerprint string // of the certificate: SHA-256, hex
	At          time.Time
	Stamped     time.Time // by somebody else, or zero
	StampedBy   string
	Covers      string // SHA-256 of what is sealed, hex: all but the seal itself
	Added       int    // bytes that stand behind what is sealed: later signatures, or something else
}

// ErrNoSeal is told of a paper on which nobody has put a seal.
var ErrNoSeal = errors.New("it bears no seal")

var (
	ranges  = regexp.MustCompile(`/ByteRange \[0 (\d{1,9}) (\d{1,9}) (\d{1,9})\s*\]`)
	stamped = regexp.MustCompile(`/SubFilter /ETSI\.CAdES\.detached[^>]*?/M \(D:(\d{14})Z\)`)
)

// ReadSeal checks the first seal of a paper. Whose it is, the caller asks: anybody
// can make a certificate with the office's name.
func ReadSeal(pdf []byte) (r SealRead, err error) {
	defer func() {
		if recover() != nil { // of a parser that outsiders write for
			err = errors.New("its seal cannot be read")
		}
	}()
	m := ranges.FindSubmatch(pdf)
	if m == nil {
		return r, ErrNoSeal
	}
	from, to, rest := count9(m[1]), count9(m[2]), count9(m[3])
	if from >= to-2 || to+rest > len(pdf) || pdf[from] != '<' || pdf[to-1] != '>' {
		return r, errors.New("its seal says that it covers what is not there")
	}
	signed := make([]byte, hex.DecodedLen(to-from-2))
	if _, err := hex.Decode(signed, pdf[from+1:to-1]); err != nil {
		return r, errors.New("its seal cannot be read")
	}
	der := trimmed(signed)
	if !bytes.Equal(pdf[from+1:to-1], fmt.Appendf(nil, "%x%0*d", der, 2*(len(signed)-len(der)), 0)[:to-from-2]) {
		return r, errors.New("its seal is not written as the office writes it: something else stands in its room")
	}
	p, err := pkcs7.Parse(der)
	if err != nil {
		return r, errors.New("its seal cannot be read")
	}
	p.Content = bytes.Join([][]byte{pdf[:from], pdf[to : to+rest]}, nil)
	if err := p.Verify(); err != nil {
		return r, errors.New("it was altered after it was sealed")
	}
	covered := sha256.Sum256(p.Content)
	r.Covers = hex.EncodeToString(covered[:])
	if r.Certificate = p.GetOnlySigner(); r.Certificate == nil {
		return r, errors.New("its seal names nobody")
	}
	if r.Stamped, r.StampedBy, err = stampOf(p); err != nil {
		return r, fmt.Errorf("its seal is not as it was made: %w", err)
	}
	sum := sha256.Sum256(r.Certificate.Raw)
	r.Fingerprint, r.Added = hex.EncodeToString(sum[:]), len(pdf)-to-rest
	if at := stamped.FindSubmatch(pdf); at != nil {
		r.At, _ = time.Parse("20060102150405", string(at[1]))
	}
	return r, nil
}

func count9(digits []byte) int {
	n, _ := strconv.Atoi(string(digits)) // nine digits at most
	return n
}

// WithinValidity reports whether the paper is dated within the time for which the
// certificate of its seal is valid.
func (r SealRead) WithinValidity() bool {
	return r.At.IsZero() || !r.At.AddDate(0, 0, 1).Before(r.Certificate.NotBefore) && !r.At.After(r.Certificate.NotAfter)
}

// trimmed is a structure without the room behind it.
func trimmed(der []byte) []byte {
	var whole asn1.RawValue
	if _, err := asn1.Unmarshal(der, &whole); err != nil {
		return der
	}
	return whole.FullBytes
}

// SelfSigned makes a certificate for an office's seal: there is nobody above the
// office whom its recipients know better.
func SelfSigned(key crypto.Signer, office string, serial *big.Int, from, until time.Time) ([]byte, error) {
	facts := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Seal of " + line(office), Organization: []string{line(office)}},
		NotBefore: from.UTC(), NotAfter: until.UTC(), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}
	return x509.CreateCertificate(rand.Reader, facts, facts, key.Public(), key)
}
