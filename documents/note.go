package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// ReleaseNote lies in each package: what is in it, and how to verify it. It
// never says how many persons or rows were withheld: small numbers would tell
// of somebody.
func (p Press) ReleaseNote(f dars.NoteFacts) ([]byte, error) { return p.note(f).PDF() }

func (p Press) note(f dars.NoteFacts) *Doc {
	r, g := f.Release, f.Agreement
	d := p.New("Release note", joined(", ", f.Dataset.Name, strings.Join(r.Periods, ", ")), string(r.ID), f.On)

	d.Fact("Release", "%s", r.ID)
	d.Fact("Agreement", "%s, in force until %s", g.ID, g.End.Long())
	d.Fact("Dataset", "%s (%s)", f.Dataset.Name, f.Dataset.Code)
	d.Fact("Periods", "%s", strings.Join(r.Periods, ", "))
	d.Fact("Objections", "%s", objections(r.Objections))
	if len(r.Replaces) > 0 {
		d.Fact("Replaces", "%s. Destroy what it replaces within 42 days and certify it.", list(r.Replaces))
	}

	d.Heading("What is in the package")
	var rows [][]string
	for _, file := range r.Files {
		rows = append(rows, []string{string(file.ID), strings.TrimPrefix(file.Path, "data/"), file.Period, count(file.Rows), count(file.Bytes)})
	}
	d.Table([]Col{{Name: "File", Share: 22}, {Name: "Name", Share: 50}, {Name: "Period", Share: 14}, {Name: "Rows", Share: 18}, {Name: "Bytes", Share: 22}}, rows)
	d.Para("%s", columns(f.Columns))
	d.Para("The meaning of each column, and what is written where a value is not known, stand in datapackage.json beside this note. Fields that are not derived from others keep the bytes that they have in our source.")

	d.Heading("Before you use it")
	d.Bullet("Compare every file with its checksum in manifest-sha512.txt. The program darsd does it: darsd verify FOLDER. So do other programs that know BagIt packages (RFC 8493), and sha512sum -c manifest-sha512.txt.")
	if f.Fingerprint != "" {
		d.Bullet("The list of checksums is signed in tagmanifest-sha512.txt.sig with the office’s key. Its fingerprint is %s. Compare it with the one on your agreement or on our web page, not only with the key in the package.", f.Fingerprint)
	}
	d.Bullet("If anything does not agree, do not use the data: write to %s and quote %s.", cmpOffice(p.Office), r.ID)

	d.Heading("While you have it")
	d.Bullet("Use it only for the purpose of the agreement, at the places and by the organisations that it names.")
	d.Bullet("Do not compare it with other releases to find out who is absent from it.")
	d.Bullet("When the agreement ends, destroy every copy and send back the certificate of destruction. Every file of which any part was sent to you must be accounted for.")
	return d
}

// columns names the columns when a reader can take them in at a glance, and says
// where they are named when there are more.
func columns(all []string) string {
	switch n := len(all); {
	case n == 1:
		return "Each file has one column: " + all[0] + "."
	case n > 1 && n <= 30:
		return fmt.Sprintf("Each file has %d columns, in this order: %s.", n, strings.Join(all, ", "))
	case n > 30:
		return fmt.Sprintf("Each file has %d columns. They are named, in their order, in datapackage.json beside this note.", n)
	}
	return "The columns are named in datapackage.json beside this note."
}

// objections says how they were treated.
func objections(u dars.Upheld) string {
	if u.Treatment != "upheld" {
		return fmt.Sprintf("Not applied. Reason: %s (%s).", dars.Meaning(dars.ObjectionReasons, u.Reason), u.Reason)
	}
	said := "Applied: the records of persons who have objected are removed as a whole."
	if u.ListDate != "" {
		said += fmt.Sprintf(" List as at %s", u.ListDate.Long())
		if u.ListSHA256 != "" {
			said += ", SHA-256 " + u.ListSHA256
		}
		said += "."
	}
	return said
}

func cmpOffice(o dars.Office) string { return joined(", ", o.Name, o.Email) }

// list writes references one after the other.
func list[S ~string](all []S) string {
	each := make([]string, len(all))
	for i, s := range all {
		each[i] = string(s)
	}
	return strings.Join(each, ", ")
}

// count writes a number so that it can be read: "18,712,004".
func count(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
