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
