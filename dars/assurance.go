package dars

import "cmp"

// Standing is what lets data be held by an organisation: its registration with
// the Information Commissioner, and the assurance that it keeps data safely. Both
// are renewed, mostly each year.
type Standing struct {
	ICO             string
	ICOExpires      Day
	Security        string
	SecurityExpires Day
}

// Assured refuses an organisation of which one has lapsed. Its last day counts.
func (o *Organisation) Assured(on Day) error {
	switch {
	case o.ICOExpires != "" && o.ICOExpires < on:
		return Refuse("ico-lapsed", o.Code, "the registration of %s with the Information Commissioner (%s) ended on %s: enter the renewed one with darsd org assure %s --ico-expires DAY", o.Code, o.ICO, o.ICOExpires, o.Code)
	case o.SecurityExpires != "" && o.SecurityExpires < on:
		return Refuse("security-lapsed", o.Code, "the security assurance of %s (%s) ended on %s: enter the renewed one with darsd org assure %s --security-expires DAY", o.Code, o.Security, o.SecurityExpires, o.Code)
	}
	return nil
}

// Assure enters renewed assurances; what is "" stays as it is.
func (o *Organisation) Assure(_ Act, renewed Standing, on Day) error {
	if renewed == (Standing{}) {
		return Refuse("nothing-new", o.Code, "organisation %s: say what is renewed, with --ico, --ico-expires, --security or --security-expires", o.Code)
	}
	for _, d := range []Day{renewed.ICOExpires, renewed.SecurityExpires} {
		if _, err := ParseDay(string(d)); d != "" && err != nil {
			return Refuse("no-date", o.Code, "%v", err)
		}
		if d != "" && d < on {
			return Refuse("lapsed", o.Code, "organisation %s: what ended on %s is not renewed", o.Code, d)
		}
	}
	o.ICO, o.ICOExpires = cmp.Or(renewed.ICO, o.ICO), cmp.Or(renewed.ICOExpires, o.ICOExpires)
	o.Security, o.SecurityExpires = cmp.Or(renewed.Security, o.Security), cmp.Or(renewed.SecurityExpires, o.SecurityExpires)
	return nil
}
