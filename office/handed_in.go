package office

import (
	"cmp"
	"io"
	"io/fs"
	"maps"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// cameAlready finds the application of an organisation whose newest version is the same
// form with the same papers, by their hashes, and that still stands; nil if there is
// none. of is the case that it is for, if that was said.
func cameAlready(tx *store.Tx, org dars.OrgCode, files map[string]string, of string) (*dars.Application, error) {
	forms, err := store.Find[dars.Paper](tx, dars.By("sha256", files[dars.TheForm]), dars.By("kind", "application"))
	if err != nil {
		return nil, err
	}
	for _, form := range slices.Backward(forms) {
		p, err := store.Get[dars.Application](tx, form.About)
		if err != nil {
			return nil, err
		}
		newest, err := p.Submission("")
		if err == nil && p.Form.Organisation == org && p.Stands() && maps.Equal(newest.Files, files) && (of == "" || caseNamed(of) == p.Stem) {
			return p, nil
		}
	}
	return nil, nil
}

// caseNamed is the stem of a case that a reference names, perhaps by its number alone.
func caseNamed(ref string) string {
	named, err := dars.ParseReference(ref)
	if err != nil {
		return ""
	}
	return cmp.Or(named.Stem, dars.CaseStem(named.Number))
}

// hashes are those of the form and its evidence, by the names of the files.
func hashes(form broughtFile, brought []broughtFile) map[string]string {
	all := map[string]string{}
	for _, b := range append([]broughtFile{form}, brought...) {
		all[b.File] = b.SHA256
	}
	return all
}

// filesOf are the facts of files without their content.
func filesOf(brought []broughtFile) (files []dars.EvidenceFile) {
	for _, b := range brought {
		files = append(files, b.EvidenceFile)
	}
	return files
}

// formIn reads the form of a folder. What is no file, a pipe perhaps, is none; of one
// that is far too long no more is read than shows that it is.
func formIn(in Arrived) ([]byte, error) {
	no := dars.Refuse("no-form", in.Name, "there is no application.yaml in %s: put the form there under that name; a blank one lies under help/ in your SFTP folder, and application template prints it", in.Name)
	if info, err := fs.Stat(in.Files, dars.TheForm); err != nil || !info.Mode().IsRegular() {
		return nil, no
	}
	f, err := in.Files.Open(dars.TheForm)
	if err != nil {
		return nil, no
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, Largest))
}
