package documents

// The names of a certificate's fields, as they are drawn and as they are read. Those of
// a copy stand behind what says which copy it is.
const (
	fieldCertificate = "certificate"
	fieldAgreement   = "agreement"
	fieldContractor  = "contractor"
	fieldMedia       = "media"
	fieldVerified    = "verified"
	fieldKept        = "kept"
	fieldNoCopy      = "no_copy_remains"

	// Of each of the two who sign, with the label of the place behind it.
	fieldPerformed = "performed_by"
	fieldSigned    = "signed"

	ofFile        = " file"
	ofHolder      = " holder"
	ofCopy        = " copy"
	ofMedium      = " medium"
	ofMethod      = " method"
	ofDestroyedOn = " destroyed_on"
	ofBackupUntil = " backup_until"

	ofName = " name"
	ofRole = " role"
	ofDate = " date"
)

// called is what the paper calls the fields that a sentence about a certificate may
// name; those of the copies stand in its columns.
var called = map[string]string{
	"items":                  "How each copy was destroyed",
	"held_under":             "Method (code)",
	"destroyed_on":           "Destroyed on",
	"backup_until":           "Backup until",
	"signed.performed_by":    "the name of whoever destroyed the data",
	"signed.name":            "the name of whoever declares it",
	"signed.post":            "the role of whoever declares it",
	"signed.date":            "the date of whoever declares it",
	"signed.no_copy_remains": "No copy remains",
	"signed.contractor":      "Contractor and its certificate number",
	"signed.media":           "Media and serial numbers",
	"signed.verified":        "How it was verified, and by whom",
	"signed.kept":            "Data kept, and the legal reason",
}

// copyColumns is in which column of the paper each field of a copy stands.
var copyColumns = map[string]string{
	"file": "File", "holder": "Holder", "copy": "Copy", "medium": "Medium (code)", "method": "Method (code)", "held_under": "Method (code)",
	"destroyed_on": "Destroyed on", "backup_until": "Backup until",
}

// longestIn is how many characters our certificate lets a field hold. Whoever sends
// the form may have changed what the file itself says of that.
func longestIn(name string) int {
	switch {
	case name == fieldMedia || name == fieldKept:
		return Lines.longest()
	default:
		return Words.longest()
	}
}
