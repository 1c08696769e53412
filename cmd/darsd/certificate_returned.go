package main

import "darsd/dars"

// returnedView is what a certificate says that came back, as the office sees it: who
// signs, and what is said in words.
type returnedView struct {
	SignedName    string   `json:"signed_name"`
	SignedPost    string   `json:"signed_post"`
	SignedOn      dars.Day `json:"signed_on"`
	PerformedBy   string   `json:"performed_by"`
	PerformedPost string   `json:"performed_post,omitempty"`
	PerformedOn   dars.Day `json:"performed_on,omitempty"`
	Witness       string   `json:"witness,omitempty"`
	Contractor    string   `json:"contractor,omitempty"`
	Media         string   `json:"media,omitempty"`
	Verified      string   `json:"verified,omitempty"`
	Kept          string   `json:"kept,omitempty"`
	Doubts        []string `json:"doubts"` // of which fields what is seen is not, or may not be, what is stored
}

func viewReturned(f *dars.CertificateForm) *returnedView {
	if f == nil {
		return nil
	}
	s := f.Signed
	return &returnedView{SignedName: s.Name, SignedPost: s.Post, SignedOn: s.Date, PerformedBy: s.PerformedBy, PerformedPost: s.PerformedPost, PerformedOn: s.PerformedOn,
		Witness: s.Witness, Contractor: s.Contractor, Media: s.Media, Verified: s.Verified, Kept: s.Kept, Doubts: append([]string{}, f.Doubts...)}
}

// facts are the same on screen, a line each. An outsider wrote them.
func (v *returnedView) facts() []any {
	if v == nil {
		return nil
	}
	facts := []any{"signed by", oneLine(v.SignedName), "signed as", oneLine(v.SignedPost), "signed on", oneLine(string(v.SignedOn)), "destroyed by", oneLine(v.PerformedBy),
		"destroyed as", oneLine(v.PerformedPost), "confirmed on", oneLine(string(v.PerformedOn)), "witness", oneLine(v.Witness), "contractor", oneLine(v.Contractor),
		"media", oneLine(v.Media), "verified", oneLine(v.Verified), "data kept", oneLine(v.Kept)}
	for _, doubt := range v.Doubts {
		facts = append(facts, "in doubt", oneLine(doubt))
	}
	return facts
}
