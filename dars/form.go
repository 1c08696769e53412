package dars

import (
	"bytes"
	"encoding/json"
)

// A Form is what an applicant writes in application.yaml. The sections are those
// of the service's own form (domain 1.2 and 1.3).
//
// The tags say what a field takes, and the reader, the check and the schema all
// go by them: yaml is its key, which may be left out if it says omitempty; codes
// names the list its codes are from; pattern is how it is written; about says
// what it is for.
type Form struct {
	Kind     string   `yaml:"kind,omitempty" json:"kind,omitempty" codes:"kind" about:"What is asked of the case; new if it is left out."`
	Previous string   `yaml:"previous,omitempty" json:"previous,omitempty" about:"The case of which this is the next version, for any kind but new: DARS-NIC-000001-B1C2D."`
	Related  []string `yaml:"related,omitempty" json:"related,omitempty" about:"Earlier requests that this one has to do with; NIC-12345 will do."`

	Title   string   `yaml:"title" json:"title" about:"A short title of the project. It is published."`
	Summary string   `yaml:"summary,omitempty" json:"summary,omitempty" about:"The project in a few sentences (section 1)."`
	Uses    []string `yaml:"uses,omitempty" json:"uses,omitempty" codes:"use" about:"The kinds of work that the data are for."`

	Organisation OrgCode    `yaml:"organisation" json:"organisation" about:"The ODS code of the organisation that applies."`
	Contact      string     `yaml:"contact" json:"-" about:"The login of the person the office writes to."`
	ContactID    PersonID   `yaml:"-" json:"contact"` // the same person
	Applicant    *Workplace `yaml:"applicant,omitempty" json:"applicant,omitempty" about:"Where the contact works."`

	Controllers []OrgCode  `yaml:"controllers" json:"controllers" about:"Who decides on purpose and means; each needs a framework contract."`
	Basis       string     `yaml:"controller_basis,omitempty" json:"controller_basis,omitempty" codes:"basis" about:"Whether one organisation decides or several together."`
	Processors  []OrgCode  `yaml:"processors,omitempty" json:"processors,omitempty" about:"Who else will hold or handle the data, cloud services too."`
	Hosts       []OrgCode  `yaml:"hosts,omitempty" json:"hosts,omitempty" about:"Those of the processors that only host."`
	Collectors  []string   `yaml:"collectors" json:"-" about:"The logins of those who will fetch the data."`
	Recipients  []PersonID `yaml:"-" json:"recipients"` // the same people
	Parties     []Party    `yaml:"organisations,omitempty" json:"organisations,omitempty" about:"More about each organisation: its type, registration and security."`
	Sponsor     *Backer    `yaml:"sponsor,omitempty" json:"sponsor,omitempty" about:"Who sponsors the project."`
	Funder      *Backer    `yaml:"funder,omitempty" json:"funder,omitempty" about:"Who pays for it (section 8b)."`

	Locations     []Location `yaml:"locations" json:"locations" about:"Every place where the data are processed or stored, backups too (sections 2a and 2b)."`
	Territory     string     `yaml:"territory" json:"territory" about:"Where the data are used: ENGLAND_WALES, UK, EEA, WORLDWIDE, or OTHER with territory_text (section 2c)."`
	TerritoryText string     `yaml:"territory_text,omitempty" json:"territory_text,omitempty" about:"The territory in words, if it is OTHER."`
	Start         Day        `yaml:"start" json:"start" about:"The first day of the agreement."`
	End           Day        `yaml:"end" json:"end" about:"Its last day."`

	Held     []string         `yaml:"held,omitempty" json:"held,omitempty" about:"Data that you hold already for this project (section 3a)."`
	Datasets []DatasetRequest `yaml:"datasets" json:"datasets" about:"What is asked for (section 3b)."`
	Patients string           `yaml:"contact_patients,omitempty" json:"contact_patients,omitempty" about:"How and why patients will be contacted, if they will."`
	Bases    []LegalBasis     `yaml:"gateways,omitempty" json:"gateways,omitempty" about:"What shows the legal bases that the datasets name."`
	GDPR     *GDPR            `yaml:"gdpr,omitempty" json:"gdpr,omitempty" about:"The conditions of data protection law."`

	Purpose      Purpose    `yaml:"purpose" json:"purpose" about:"Why the data are wanted (section 5)."`
	Conditions   []string   `yaml:"special_conditions,omitempty" json:"special_conditions,omitempty" about:"Conditions that you propose to be bound by (section 6)."`
	Ethics       *Ethics    `yaml:"ethics,omitempty" json:"ethics,omitempty" about:"Ethics approval (section 7)."`
	Sublicensing string     `yaml:"sublicensing,omitempty" json:"sublicensing,omitempty" about:"To whom the data are passed on and on what terms; left out if to nobody (section 10)."`
	Sublicensees []OrgCode  `yaml:"sublicensees,omitempty" json:"sublicensees,omitempty" about:"The ODS codes of those to whom the data are passed on: to nobody else, until an amendment names them."`
	Evidence     []Evidence `yaml:"evidence,omitempty" json:"evidence,omitempty" about:"The papers beside this form that it relies on."`
}

// A Workplace is where the contact works. Name, address of mail and telephone
// are the person's own facts.
type Workplace struct {
	JobTitle   string `yaml:"job_title,omitempty" json:"job_title,omitempty"`
	Department string `yaml:"department,omitempty" json:"department,omitempty"`
	Address    string `yaml:"address,omitempty" json:"address,omitempty"`
}

// A Party is what the form says about one of the organisations that it names.
type Party struct {
	Code     OrgCode       `yaml:"code" json:"code" about:"The ODS code of a controller, a processor, a sub-licensee or the applicant."`
	Type     string        `yaml:"type,omitempty" json:"type,omitempty" codes:"org-type"`
	Country  string        `yaml:"country,omitempty" json:"country,omitempty"`
	ICO      *Registration `yaml:"ico,omitempty" json:"ico,omitempty" about:"Its registration with the Information Commissioner."`
	Security []Assurance   `yaml:"security,omitempty" json:"security,omitempty" about:"How it shows that it handles data securely (section 2a)."`
}

// A Registration with the Information Commissioner.
type Registration struct {
	Number  string `yaml:"number" json:"number" pattern:"^Z[0-9A-Z]{7}$" about:"Z and seven letters or digits: ZA123456."`
	Name    string `yaml:"name,omitempty" json:"name,omitempty" about:"The name it is registered under."`
	Expires Day    `yaml:"expires" json:"expires"`
}

// An Assurance is one way in which an organisation shows that it is secure. What
// it must say depends on its kind (domain 1.3 I).
type Assurance struct {
	Kind        string  `yaml:"kind" json:"kind" codes:"assurance"`
	Code        OrgCode `yaml:"code,omitempty" json:"code,omitempty" about:"DSPT and IGT: the organisation code of the return."`
	Outcome     string  `yaml:"outcome,omitempty" json:"outcome,omitempty" codes:"outcome" about:"DSPT: its outcome."`
	Version     string  `yaml:"version,omitempty" json:"version,omitempty" about:"DSPT and IGT: the version, such as 2025-26 or 14.1."`
	Score       int     `yaml:"score,omitempty" json:"score,omitempty" about:"IGT: the score in per cent."`
	Published   Day     `yaml:"published,omitempty" json:"published,omitempty"`
	Certificate string  `yaml:"certificate,omitempty" json:"certificate,omitempty" about:"ISO27001: the number of the certificate."`
	Body        string  `yaml:"body,omitempty" json:"body,omitempty" about:"ISO27001: who certified it."`
	Scope       string  `yaml:"scope,omitempty" json:"scope,omitempty" about:"ISO27001: what it covers."`
	Reviewed    Day     `yaml:"reviewed,omitempty" json:"reviewed,omitempty" about:"SLSP: when it was reviewed."`
	Expires     Day     `yaml:"expires,omitempty" json:"expires,omitempty"`
}

// A Backer sponsors a project or pays for it.
type Backer struct {
	Same    bool   `yaml:"same_as_applicant,omitempty" json:"same_as_applicant,omitempty"`
	Name    string `yaml:"name,omitempty" json:"name,omitempty"`
	Address string `yaml:"address,omitempty" json:"address,omitempty"`
	Award   string `yaml:"award,omitempty" json:"award,omitempty" about:"The funder's reference."`
}

// A Location is a place where data are processed or stored. An address alone is
// short for one.
type Location struct {
	Organisation OrgCode `yaml:"organisation,omitempty" json:"organisation,omitempty" about:"Whose place it is."`
	Address      string  `yaml:"address" json:"address"`
	Country      string  `yaml:"country,omitempty" json:"country,omitempty" about:"England, Wales, Scotland, Northern Ireland, or another by its English name."`
	Use          string  `yaml:"use,omitempty" json:"use,omitempty" codes:"location-use"`
}

// UnmarshalText takes an address alone.
func (l *Location) UnmarshalText(text []byte) error {
	*l = Location{Address: string(text)}
	return nil
}

// UnmarshalJSON takes an address alone too: forms were stored so once.
func (l *Location) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte(`"`)) {
		*l = Location{}
		return json.Unmarshal(text, &l.Address)
	}
	type plain Location
	return json.Unmarshal(text, (*plain)(l))
}

// String is the place on one line.
func (l Location) String() string {
	said := l.Address
	if l.Country != "" {
		said += ", " + l.Country
	}
	if l.Organisation != "" {
		said = string(l.Organisation) + ": " + said
	}
	if l.Use == "STORAGE" {
		said += " (storage only)"
	}
	return said
}

// A LegalBasis is what shows a gateway that datasets name: an approval, a
// statute, a consent form.
type LegalBasis struct {
	Gateway   string `yaml:"gateway" json:"gateway" codes:"gateway"`
	Reference string `yaml:"reference,omitempty" json:"reference,omitempty" about:"Such as 15/CAG/0123."`
	Evidence  string `yaml:"evidence,omitempty" json:"evidence,omitempty" about:"The file, as it stands under evidence."`
	Approved  Day    `yaml:"approved,omitempty" json:"approved,omitempty"`
	Expires   Day    `yaml:"expires,omitempty" json:"expires,omitempty" about:"When it ends or is next reviewed."`
}

// GDPR are the conditions under which personal data are processed.
type GDPR struct {
	Article6  []string `yaml:"article_6,omitempty" json:"article_6,omitempty" codes:"article-6"`
	Article9  []string `yaml:"article_9,omitempty" json:"article_9,omitempty" codes:"article-9"`
	Schedule1 string   `yaml:"schedule_1,omitempty" json:"schedule_1,omitempty" about:"The condition of Schedule 1 to the Data Protection Act 2018."`
}

// Ethics is what a research ethics committee said.
type Ethics struct {
	Needed    bool   `yaml:"needed,omitempty" json:"needed,omitempty"`
	Committee string `yaml:"committee,omitempty" json:"committee,omitempty"`
	Reference string `yaml:"reference,omitempty" json:"reference,omitempty" pattern:"^[0-9]{2}/[A-Z]{2,4}/[0-9]{3,4}$" about:"Such as 14/LO/1234."`
	Approved  Day    `yaml:"approved,omitempty" json:"approved,omitempty"`
}

// Purpose is why the data are wanted, in the applicant's words: sections 5a to
// 5e. They are published.
type Purpose struct {
	Serves         []Aim    `yaml:"serves" json:"serves" about:"What of health and social care the purpose serves, and how: at least one."`
	Objective      string   `yaml:"objective" json:"objective" about:"Why the data are needed, and why nothing less would do (5a)."`
	Processing     string   `yaml:"processing" json:"processing" about:"What is done with them, by whom, and what is linked (5b)."`
	Outputs        string   `yaml:"outputs" json:"outputs" about:"What comes of it, for whom, at what level of detail (5c)."`
	OutputsDue     []Target `yaml:"outputs_due,omitempty" json:"outputs_due,omitempty" about:"Each output with its target date."`
	Benefits       string   `yaml:"benefits" json:"benefits" about:"What health or social care gains, and how it is measured (5d)."`
	BenefitsType   string   `yaml:"benefits_type,omitempty" json:"benefits_type,omitempty" codes:"benefits"`
	BenefitsDue    []Target `yaml:"benefits_due,omitempty" json:"benefits_due,omitempty" about:"Each benefit with its target date."`
	Yielded        string   `yaml:"yielded,omitempty" json:"yielded,omitempty" about:"What benefits the data have yielded so far; a renewal or extension needs it (5d iii)."`
	Commercial     bool     `yaml:"commercial,omitempty" json:"commercial" about:"Whether there is a commercial purpose (5e)."`
	CommercialText string   `yaml:"commercial_detail,omitempty" json:"commercial_detail,omitempty" about:"Who gains what by it, and what the public gains."`
	Solely         bool     `yaml:"solely_commercial,omitempty" json:"solely_commercial,omitempty" about:"Whether the purpose is commercial and nothing else."`
}

// An Aim is what the purpose serves, and how.
type Aim struct {
	Aim string `yaml:"aim" json:"aim" codes:"aim"`
	How string `yaml:"how" json:"how" about:"How the work serves it."`
}

// A Target is something that is to come of the work, by a day.
type Target struct {
	What string `yaml:"what" json:"what"`
	By   Day    `yaml:"by" json:"by"`
}

// A DatasetRequest is one dataset that is asked for: how much of it, how plainly
// it tells who people are, and by what right.
type DatasetRequest struct {
	Code            string   `yaml:"code" json:"code" about:"The dataset, as the office's catalogue calls it."`
	Periods         []string `yaml:"periods" json:"periods" about:"Periods of the dataset, in quotes."`
	Identifiability string   `yaml:"identifiability" json:"identifiability" codes:"identifiability"`
	Sensitive       bool     `yaml:"sensitive,omitempty" json:"sensitive"`
	Gateway         string   `yaml:"gateway" json:"gateway" codes:"gateway" about:"The legal basis for dissemination."`
	CommonLaw       string   `yaml:"common_law,omitempty" json:"common_law,omitempty" codes:"common-law" about:"The basis in the common law duty of confidentiality."`
	Fields          []string `yaml:"fields,omitempty" json:"fields,omitempty" about:"The fields that leave; all of the dataset if it is left out."`
	From            Day      `yaml:"from,omitempty" json:"from,omitempty" about:"Only rows dated from this day."`
	To              Day      `yaml:"to,omitempty" json:"to,omitempty" about:"Only rows dated to this day."`
	Frequency       string   `yaml:"frequency,omitempty" json:"frequency,omitempty" about:"How often: ONE_OFF, ONGOING, SYSTEM_ACCESS or ADHOC_FREQUENT."`
	Interval        string   `yaml:"interval,omitempty" json:"interval,omitempty" codes:"interval" about:"How often an ongoing release comes."`
	RollingYears    int      `yaml:"rolling_years,omitempty" json:"rolling_years,omitempty" about:"How many final years you may hold at a time: when a new one has come, the oldest is destroyed. Left out: all that are released."`
	Amount          string   `yaml:"amount,omitempty" json:"amount,omitempty" about:"How much, in words: three years of monthly extracts."`

	Minimised string   `yaml:"minimised,omitempty" json:"minimised,omitempty" about:"Why fewer datasets, fewer years, fewer people or less plain data would not do (standard 3)."`
	Reasons   []Reason `yaml:"reasons,omitempty" json:"reasons,omitempty" about:"What each field is needed for."`

	Columns []Column    `yaml:"columns,omitempty" json:"columns,omitempty" about:"Instead of fields: what leaves, in this order, as it is or derived."`
	Rows    []RowFilter `yaml:"rows,omitempty" json:"rows,omitempty" about:"Only rows for which each of these holds."`
	Cohort  *Cohort     `yaml:"cohort,omitempty" json:"cohort,omitempty" about:"Only persons whom you name in a file of your own."`
	Output  *Output     `yaml:"output,omitempty" json:"output,omitempty" about:"How the files are written, if not as in the source."`
}

// A Reason says what some fields are needed for: a line of the table of fields
// by purpose.
type Reason struct {
	Fields []string `yaml:"fields" json:"fields" about:"Fields of the dataset; DIAG_01..DIAG_20 is all from the one to the other."`
	For    string   `yaml:"for,omitempty" json:"for,omitempty" codes:"aim" about:"Which of the aims that the purpose serves."`
	Why    string   `yaml:"why" json:"why"`
}
