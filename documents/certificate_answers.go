package documents

import (
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"darsd/dars"
)

// Certificate is what a certificate of destruction says that was filled in as a form.
// One that was printed, or whose fields were made part of its pages, says nothing here.
func (r Reading) Certificate() (form dars.CertificateForm, err error) {
	said := map[string]string{}
	for _, a := range r.Answers {
		if n, most := utf8.RuneCountInString(a.Value), longestIn(a.Name); n > most {
			return form, dars.Refuse("answer-too-long", "certificate", "the field %s holds %d characters, and has room for %d: say it shorter, and put the rest on a paper of its own", short(a.Name), n, most)
		}
		said[a.Name] = a.Value
	}
	if said[fieldCertificate] == "" {
		return form, dars.Refuse("no-answers", "certificate", "the PDF has no fields that were filled in: fill in the form on a screen and send it as it was saved, or send the CERT-nnnnnn.yaml that came with it")
	}
	form.Called = maps.Clone(called)
	form.Certificate, form.Agreement = dars.CertificateID(said[fieldCertificate]), dars.AgreementID(said[fieldAgreement])
	for _, a := range r.Answers {
		if copy, is := strings.CutSuffix(a.Name, ofMethod); is {
			if d, told := copyAnswered(said, copy); told {
				line := fmt.Sprintf("items[%d]", len(form.Items))
				form.Called[line] = called["items"]
				for field, column := range copyColumns {
					form.Called[line+"."+field] = column
				}
				form.Items = append(form.Items, d)
			}
		}
	}
	form.Signed, form.Doubts = declared(said), doubts(r.Answers)
	return form, nil
}

// copyAnswered is what the fields of one copy say; told is false of a line for a
// further copy that was not needed.
func copyAnswered(said map[string]string, copy string) (d dars.Destruction, told bool) {
	method := said[copy+ofMethod]
	d = dars.Destruction{Medium: said[copy+ofMedium], Method: method, DestroyedOn: dars.Day(said[copy+ofDestroyedOn]), BackupUntil: dars.Day(said[copy+ofBackupUntil])}
	if strings.HasPrefix(method, "DARS-") || strings.HasPrefix(method, "REL-") { // in the place of the method
		d.Method, d.HeldUnder = "", method
	}
	if which := strings.Fields(copy); len(which) == 3 {
		d.File, d.Holder, d.Copy = dars.FileID(which[0]), dars.OrgCode(which[1]), which[2]
		return d, true
	}
	d.File, d.Holder, d.Copy = dars.FileID(said[copy+ofFile]), dars.OrgCode(said[copy+ofHolder]), said[copy+ofCopy]
	return d, d != (dars.Destruction{})
}

// declared is what the two who sign say.
func declared(said map[string]string) dars.Declaration {
	return dars.Declaration{
		PerformedBy: said[fieldPerformed+ofName], PerformedPost: said[fieldPerformed+ofRole], PerformedOn: dars.Day(said[fieldPerformed+ofDate]),
		Name: said[fieldSigned+ofName], Post: said[fieldSigned+ofRole], Date: dars.Day(said[fieldSigned+ofDate]), Destroyed: said[fieldNoCopy] != "",
		Contractor: said[fieldContractor], Media: said[fieldMedia], Verified: said[fieldVerified], Kept: said[fieldKept],
	}
}

// doubts says of which fields a person sees something else than a program reads, or
// may do so.
func doubts(answers []Answer) (all []string) {
	for _, a := range answers {
		switch a.Shown {
		case ShownOtherwise:
			all = append(all, fmt.Sprintf("%s: what is seen differs from what is stored", short(a.Name)))
		case ShownUnknown:
			all = append(all, fmt.Sprintf("%s: what is seen cannot be compared with what is stored", short(a.Name)))
		}
	}
	return all
}
