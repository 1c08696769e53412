package dars

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Check says everything that is wrong with a form, each with the field's name
// and a way out: what is missing or written wrong first, then what does not
// agree with something else.
func (f *Form) Check(catalogue Catalogue) []Mistake {
	var s shape
	s.group("", reflect.ValueOf(f).Elem())
	c := formCheck{Form: f, catalogue: catalogue, wrong: s.wrong}
	c.kind()
	c.parties()
	c.places()
	c.term()
	c.datasets()
	purpose := f.checkPurpose()
	c.wrong = slices.DeleteFunc(c.wrong, func(m Mistake) bool { return m.Field == "purpose.serves" }) // which says more about it
	c.wrong = append(c.wrong, purpose...)
	c.bases()
	c.evidence()
	return c.wrong
}

// A formCheck is a form while it is looked at.
type formCheck struct {
	*Form
	catalogue Catalogue
	wrong     []Mistake
}

func (c *formCheck) say(field, format string, args ...any) {
	c.wrong = append(c.wrong, Mistake{Field: field, Says: fmt.Sprintf(format, args...), Rule: badForm})
}

func (c *formCheck) kind() {
	next := slices.Contains(Codes(Kinds)[1:], c.Kind)
	if next && blank(c.Previous) {
		c.say("previous", "is empty: name the case of which this is %s, such as DARS-NIC-000001-B1C2D", an(c.Kind))
	}
	if !next && c.Previous != "" {
		c.say("kind", "say amendment, renewal, extension or retention-only: previous names a case of which this would be the next version; what a new application has to do with stands under related")
	}
	if _, err := ParseReference(c.Previous); c.Previous != "" && err != nil {
		c.say("previous", "%v", err)
	}
	for i, ref := range c.Related {
		if _, err := ParseReference(ref); ref != "" && err != nil {
			c.say(fmt.Sprintf("related[%d]", i), "%v", err)
		}
	}
}

// All is every organisation that the form names as a party.
func (f *Form) All() []OrgCode {
	all := slices.Concat([]OrgCode{f.Organisation}, f.Controllers, f.Processors, f.Sublicensees)
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(code OrgCode) bool { return code == "" })
}

// party says so where an organisation is none of those that the form names.
func (c *formCheck) party(field string, code OrgCode) {
	if code != "" && !slices.Contains(c.All(), code) {
		c.say(field, "%s is neither the organisation that applies nor a controller, processor or sub-licensee: name it there, or leave it out here", shortened(string(code)))
	}
}

func (c *formCheck) parties() {
	for _, who := range []struct{ name, twice string }{
		{"controllers", string(twice(c.Controllers))}, {"processors", string(twice(c.Processors))}, {"hosts", string(twice(c.Hosts))}, {"collectors", twice(c.Collectors)}, {"sublicensees", string(twice(c.Sublicensees))},
	} {
		if who.twice != "" {
			c.say(who.name, "%s is named twice", shortened(who.twice))
		}
	}
	for i, code := range c.Hosts {
		if !slices.Contains(c.Processors, code) {
			c.say(fmt.Sprintf("hosts[%d]", i), "%s is not one of processors: one that only hosts is a processor too", shortened(string(code)))
		}
	}
	for i, code := range c.Sublicensees {
		if code != "" && slices.Contains(slices.Concat([]OrgCode{c.Organisation}, c.Controllers, c.Processors), code) {
			c.say(fmt.Sprintf("sublicensees[%d]", i), "%s has the data already, as the organisation that applies, a controller or a processor: a sub-licensee is somebody else", shortened(string(code)))
		}
	}
	if len(c.Sublicensees) > 0 && blank(c.Sublicensing) {
		c.say("sublicensing", "is empty: say on what terms the data are passed on to those that sublicensees names")
	}
	if c.Basis == "SOLE" && len(c.Controllers) > 1 {
		c.say("controller_basis", "a SOLE controller decides alone, and controllers names %d: say JOINT, or name one", len(c.Controllers))
	}
	if c.Basis == "JOINT" && len(c.Controllers) == 1 {
		c.say("controller_basis", "JOINT controllers decide together, and controllers names one: say SOLE, or name the others")
	}
	for i, p := range c.Parties {
		at := fmt.Sprintf("organisations[%d]", i)
		c.party(at+".code", p.Code)
		if p.Code != "" && slices.ContainsFunc(c.Parties[:i], func(before Party) bool { return before.Code == p.Code }) {
			c.say(at+".code", "%s is described twice", shortened(string(p.Code)))
		}
		for j, a := range p.Security {
			c.assurance(fmt.Sprintf("%s.security[%d]", at, j), a)
		}
		c.assured(at, p)
	}
	for _, b := range []struct {
		name string
		*Backer
	}{{"sponsor", c.Sponsor}, {"funder", c.Funder}} {
		if b.Backer != nil && !b.Same && blank(b.Name) {
			c.say(b.name+".name", "is empty: name it, or say same_as_applicant: true")
		}
	}
}

// assurance asks of each kind what it must say (domain 1.3 I).
func (c *formCheck) assurance(at string, a Assurance) {
	need := map[string]map[string]bool{
		"DSPT":     {"code": a.Code != "", "outcome": a.Outcome != ""},
		"IGT":      {"code": a.Code != "", "version": a.Version != "", "score": a.Score != 0},
		"ISO27001": {"certificate": a.Certificate != "", "body": a.Body != "", "expires": a.Expires != ""},
		"SLSP":     {"reviewed": a.Reviewed != ""},
	}[a.Kind]
	for _, name := range []string{"code", "outcome", "version", "score", "certificate", "body", "reviewed", "expires"} {
		if given, needed := need[name]; needed && !given {
			c.say(at+"."+name, "is empty: %s has one", a.Kind)
		}
	}
	if a.Score < 0 || a.Score > 100 {
		c.say(at+".score", "%d is no share in per cent", a.Score)
	}
}

// places holds the territory to each place where data are: storage is processing.
func (c *formCheck) places() {
	code, known := coded(Territories, strings.TrimSpace(c.Territory))
	switch {
	case code == "OTHER" && blank(c.TerritoryText):
		c.say("territory_text", "is empty: say in words what the territory is")
	case !known && !blank(c.Territory) && Nearest(c.Territory, Codes(Territories)) != "":
		c.say("territory", "%q is not one of %s%s", shortened(c.Territory), strings.Join(Codes(Territories), ", "), meant(c.Territory, Codes(Territories)))
	}
	for i, l := range c.Locations {
		at := fmt.Sprintf("locations[%d]", i)
		c.party(at+".organisation", l.Organisation)
		if l.Country != "" && !covers(c.Territory, l.Country) {
			c.say(at+".country", "%s is not in the territory, %s, which holds every place where data are processed or stored: widen the territory or leave the place out%s", shortened(l.Country), shortened(c.Territory), part(l.Country))
		}
	}
}

// part asks for the part of a kingdom that has several.
func part(country string) string {
	if strings.EqualFold(country, "UK") || strings.EqualFold(country, "United Kingdom") {
		return "; if it is in England or Wales, say which"
	}
	return ""
}

func (c *formCheck) term() {
	if before(c.End, c.Start) {
		c.say("end", "is before start, %s: write a later day", c.Start)
	}
}

func (c *formCheck) datasets() {
	for i := range c.Datasets {
		d := &c.Datasets[i]
		at := fmt.Sprintf("datasets[%d]", i)
		c.wrong = append(c.wrong, d.check(at, c.catalogue)...)
		if d.Code != "" && slices.ContainsFunc(c.Datasets[:i], func(before DatasetRequest) bool { return before.Code == d.Code }) {
			c.say(at+".code", "%s is asked for twice", shortened(d.Code))
		}
		c.reasons(at, *d)
	}
	c.wrong = append(c.wrong, c.waysOut()...)
}

// bases ties what shows a legal basis to the datasets that name it and to the
// papers beside the form.
func (c *formCheck) bases() {
	for i, b := range c.Bases {
		at := fmt.Sprintf("gateways[%d]", i)
		if b.Gateway != "" && !slices.ContainsFunc(c.Datasets, func(d DatasetRequest) bool { return d.Gateway == b.Gateway }) {
			c.say(at+".gateway", "no dataset is asked for under %s: leave it out, or name it under gateway of the dataset", shortened(b.Gateway))
		}
		if b.Evidence != "" && !slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.File == b.Evidence }) {
			c.say(at+".evidence", "%s does not stand under evidence: list it there as file", shortened(b.Evidence))
		}
		if c.ends(b.Expires) {
			c.say(at+".expires", "it ends on %s, before the agreement would on %s: ask for a shorter term", b.Expires, c.End)
		}
		if before(b.Expires, b.Approved) {
			c.say(at+".expires", "is before approved, %s: look at the dates on the paper again", b.Approved)
		}
	}
}

func (c *formCheck) evidence() {
	for i, e := range c.Evidence {
		if c.ends(e.Expires) {
			c.say(fmt.Sprintf("evidence[%d]", i), "%s ends on %s, before the agreement would on %s: ask for a shorter term", shortened(e.Kind), e.Expires, c.End)
		}
		if before(e.Expires, e.Approved) {
			c.say(fmt.Sprintf("evidence[%d].expires", i), "is before approved, %s: look at the dates on the paper again", e.Approved)
		}
	}
}

// ends reports whether something ends before the agreement would.
func (c *formCheck) ends(expires Day) bool { return before(expires, c.End) }

// before reports whether one day is before another. What is no day is neither
// before nor after one: that it is none is told elsewhere.
func before(d, other Day) bool {
	_, err := ParseDay(string(d))
	_, wrong := ParseDay(string(other))
	return err == nil && wrong == nil && d < other
}

// twice returns the first of some names that stands among them again, or "".
func twice[S ~string](names []S) (again S) {
	for i, n := range names {
		if slices.Contains(names[:i], n) {
			return n
		}
	}
	return ""
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// check looks at a dataset beside what the catalogue says of it.
func (d *DatasetRequest) check(at string, catalogue Catalogue) (wrong []Mistake) {
	say := func(field, format string, args ...any) {
		wrong = append(wrong, Mistake{Field: at + field, Says: fmt.Sprintf(format, args...), Rule: badForm})
	}
	if _, ok := coded(Frequencies, d.Frequency); d.Frequency != "" && !ok {
		say(".frequency", "%q is not one of %s%s", shortened(d.Frequency), strings.Join(Codes(Frequencies), ", "), meant(d.Frequency, Codes(Frequencies)))
	}
	switch frequency, _ := coded(Frequencies, d.Frequency); {
	case frequency == "ONGOING" && d.Interval == "":
		say(".interval", "is empty: an ONGOING release comes MONTHLY, QUARTERLY or ANNUAL")
	case frequency != "ONGOING" && d.Interval != "":
		say(".interval", "only an ONGOING release has an interval: leave it out, or say frequency: ONGOING")
	}
	if d.RollingYears < 0 {
		say(".rolling_years", "%d is no number of years: leave it out, or say how many you hold at a time", d.RollingYears)
	}
	if d.Code == "" {
		return wrong
	}
	known, err := catalogue.Dataset(d.Code)
	if err != nil {
		say(".code", "there is no dataset %s in the catalogue%s", shortened(d.Code), instead(d.Code, catalogue.codes()))
		return wrong
	}
	if again := twice(d.Periods); again != "" {
		say(".periods", "%s is named twice", shortened(again))
	}
	for _, p := range d.Periods {
		if _, ok := known.File(p); !ok && p != "" {
			say(".periods", "%s has no period %s%s", d.Code, shortened(p), instead(p, known.periods()))
		}
	}
	for _, name := range d.Fields {
		field, ok := known.Field(name)
		switch {
		case !ok && len(known.Fields) > 0:
			say(".fields", "%s has no field %s%s", d.Code, shortened(name), instead(name, known.names()))
		case (field.Identifying || known.Index == nil && name == known.Person) && d.Identifiability != "IDENT":
			say(".fields", "%s tells who a person is, which %s does not allow", name, d.Identifiability)
		}
	}
	if len(d.Fields) == 0 && len(d.Columns) == 0 && d.Identifiability != "IDENT" && slices.ContainsFunc(known.Fields, func(f Field) bool { return f.Identifying }) {
		say(".fields", "list them: some fields of %s tell who a person is, which %s does not allow", d.Code, d.Identifiability)
	}
	for _, told := range d.CheckRows(at, known) {
		field, says, _ := strings.Cut(told, ": ")
		wrong = append(wrong, Mistake{Field: field, Says: says, Rule: badForm})
	}
	if (d.From != "" || d.To != "") && known.Date == "" {
		say(".from", "%s has no date column to filter by", d.Code)
	}
	if before(d.To, d.From) {
		say(".to", "is before from, %s: write a later day", d.From)
	}
	return wrong
}

func (c Catalogue) codes() (all []string) {
	for _, d := range c {
		all = append(all, d.Code)
	}
	return all
}

func (d Dataset) names() (all []string) {
	for _, f := range d.Fields {
		all = append(all, f.Name)
	}
	return all
}

func (d Dataset) periods() (all []string) {
	for _, f := range d.Files {
		all = append(all, f.Period)
	}
	return all
}

// Place is the field that names an organisation first.
func (f *Form) Place(code OrgCode) string {
	if i := slices.IndexFunc(f.Parties, func(p Party) bool { return p.Code == code }); i >= 0 {
		return fmt.Sprintf("organisations[%d]", i)
	}
	if i := slices.Index(f.Controllers, code); i >= 0 {
		return fmt.Sprintf("controllers[%d]", i)
	}
	if i := slices.Index(f.Processors, code); i >= 0 {
		return fmt.Sprintf("processors[%d]", i)
	}
	if i := slices.Index(f.Sublicensees, code); i >= 0 {
		return fmt.Sprintf("sublicensees[%d]", i)
	}
	return "organisation"
}
