package dars

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Names on paper.
type (
	OrgCode       string // "RA1", an ODS code; or TheOffice
	ContractID    string // "CON-000001-X0X0X"
	ApplicationID string // "DARS-NIC-000001-X0X0X-v1": one life for each major version
	AgreementID   string // "DARS-NIC-000001-X0X0X-v1.0": the version that was approved
	ReleaseID     string // "REL-000001"
	FileID        string // "FILE0000001": one physical file, never used again
	CertificateID string // "CERT-000001"
	AuditID       string // "AUD-000001"
	ReceiptID     string // "RCP-000001"
	ListID        string // "OBJ-000001"
	PaperID       string // "PAP-000001"
	BenefitID     string // "BEN-000001"
	ReportID      string // "RPT-000001"
	CohortID      string // "COH-000001"
	NoteID        string // "NOTE-000001"
	EnquiryID     string // "ENQ-000001"
	MeetingID     string // "MEET-000001"
	OverrideID    string // "OVR-000001"
	GuardID       string // "GRD-000001"
	InvoiceID     string // "INV-000001"
	SanctionID    string // "SAN-000001"
	ComplaintID   string // "COMP-000001"
	CreditID      string // "CRN-000001"
	IncidentID    string // "INC-000001"
	RecallID      string // "RCL-000001"
	ErasureID     string // "ERA-000001"
)

// TheOffice is the organisation of the office's own people.
const TheOffice OrgCode = "office"

// suffix is the five characters that follow a number in references to cases and
// contracts: letter, digit, letter, digit, letter, without vowels, so that no
// word comes out and a mistyped number is noticed (domain 2.1). They follow
// from the number.
func suffix(kind string, n int) string {
	const letters, digits = "BCDFGHJKLMNPQRSTVWXYZ", "0123456789"
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, n))
	return string([]byte{
		letters[int(sum[0])%len(letters)], digits[int(sum[1])%len(digits)], letters[int(sum[2])%len(letters)],
		digits[int(sum[3])%len(digits)], letters[int(sum[4])%len(letters)]})
}

// CaseOf is the case that a reference is of: its stem, or a local reference of a register
// as it stands.
func CaseOf(ref string) string {
	if stem, _, _, err := ParseCase(ref); err == nil {
		return stem
	}
	return strings.TrimSpace(ref)
}

// CaseStem names the nth case, for life.
func CaseStem(n int) string { return fmt.Sprintf("DARS-NIC-%06d-%s", n, suffix("NIC", n)) }

// ContractName names the nth framework contract.
func ContractName(n int) ContractID {
	return ContractID(fmt.Sprintf("CON-%06d-%s", n, suffix("CON", n)))
}

// caseRef reads a reference to a case as people write it (domain 2.1).
var caseRef = regexp.MustCompile(`^(?:DARS-)?(NIC-\d{4,7}-[0-9BCDFGHJKLMNPQRSTVWXYZ]{5})(?:-V(\d{1,2})(?:\.(\d{1,2}))?)?$`)

// ParseCase takes a reference apart into its stem and, where they are given,
// its major and minor version. Small letters and blanks around it are forgiven.
func ParseCase(ref string) (stem, major, minor string, err error) {
	m := caseRef.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(ref)))
	if m == nil {
		return "", "", "", Refuse("no-reference", ref, "%q is not a reference such as DARS-NIC-000001-B1C2D-v1.0", shortened(ref))
	}
	return "DARS-" + m[1], m[2], m[3], nil
}

// A Reference is one to a case, as forms and registers write it: perhaps without
// its office, its five characters or its version.
type Reference struct {
	Number       int    // 12345
	Stem         string // "DARS-NIC-012345-B1C2D", or "" where the five characters are not given
	Major, Minor string // "" where they are not given
}

var (
	looseRef = regexp.MustCompile(`^(?:DARS-)?NIC-(\d{4,7})(?:-([0-9A-Z]{5}))?(?:-V(\d{1,2})(?:\.(\d{1,2}))?)?$`)
	vowels   = regexp.MustCompile(`[AEIOU]`)
)

// ParseReference reads a reference more kindly than [ParseCase]: a bare NIC-12345
// will do, small letters, and blanks around it (domain 2.1).
func ParseReference(text string) (r Reference, err error) {
	m := looseRef.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(text)))
	switch {
	case m == nil:
		return r, Refuse("no-reference", "reference", "%q is not a reference such as DARS-NIC-000001-B1C2D-v1.0, NIC-000001-B1C2D or NIC-12345", shortened(text))
	case vowels.MatchString(m[2]):
		return r, Refuse("no-reference", "reference", "%q is no reference: the five characters after the number are digits and consonants, so O is 0 and I is 1", shortened(text))
	}
	r.Number, _ = strconv.Atoi(m[1])
	r.Major, r.Minor = m[3], m[4]
	if m[2] != "" {
		r.Stem = "DARS-NIC-" + m[1] + "-" + m[2]
	}
	return r, nil
}

var nicDigits = regexp.MustCompile(`NIC-(\d+)`)

// NICNumber is the digits of a case, as file names carry them: "NIC000001".
func NICNumber(stem string) string {
	m := nicDigits.FindStringSubmatch(stem)
	if m == nil {
		return "NIC"
	}
	return "NIC" + m[1]
}
