package dars

// A Paper is a document of a case, drawn by the office or come in from outside.
// It lies encrypted in the vault; whoever it is for finds it under papers/.
type Paper struct {
	ID     PaperID  `json:"id"`
	Kind   string   `json:"kind"`  // contract, agreement, letter, certificate, signed-copy, evidence, ...
	About  string   `json:"about"` // the noun it belongs to
	Name   string   `json:"name"`  // its file name
	For    OrgCode  `json:"for"`   // whose people see it; "" for the office alone
	SHA256 string   `json:"sha256"`
	Bytes  int64    `json:"bytes"`
	Day    Day      `json:"day"`
	From   PersonID `json:"from,omitempty"` // who sent it in, if it came in
	Vault  string   `json:"vault"`

	Subject string `json:"subject,omitempty"` // of a letter by mail
}

func (p *Paper) Card() Card {
	return Card{"paper", string(p.ID), "filed",
		append(byWords(p.Name, p.Subject), By("about", p.About), By("for", p.For), By("kind", p.Kind), By("sha256", p.SHA256))}
}

// AgreementFacts is all that stands on an agreement.
type AgreementFacts struct {
	Agreement     *Agreement
	Application   *Application
	Catalogue     Catalogue
	Organisations map[OrgCode]*Organisation // every one that is named
	People        map[PersonID]*Person      // likewise
	Fingerprint   string                    // of the SFTP server's host key
	Policy        Policy
	Previous      *Agreement // of which this is the next version; nil if it is the first
	Changes       []Change   // since the application of that one
	Charges       *Quote     // by the list of the day of acceptance; nil, if no list covers it
	Agreed        *CaseQuote // who applied has agreed to them; nil, if nobody has
}

// ContractFacts is all that stands on a framework contract.
type ContractFacts struct {
	Contract     *Contract
	Organisation *Organisation
}

// LetterFacts is all that stands in the letter that tells a decision.
type LetterFacts struct {
	Application  *Application
	Organisation *Organisation
	People       map[PersonID]*Person // to whom it goes, and who decided
	On           Day
}

// CertificateFacts is all that stands on a certificate of destruction.
type CertificateFacts struct {
	Certificate   *Certificate
	Agreement     *Agreement
	Organisations map[OrgCode]*Organisation
	People        map[PersonID]*Person
}

// NoteFacts is all that stands in the note inside a package.
type NoteFacts struct {
	Release     *Release
	Agreement   *Agreement
	Dataset     Dataset
	Columns     []string
	Despite     []GuardLine // overrides of the guard that let it stand beside others
	Fingerprint string      // of the key that signed the package
	On          Day
}

// A Report is what compliance is told at its time. It holds what was so then.
type Report struct {
	ID    ReportID    `json:"id"`
	Name  string      `json:"name"` // compliance; or of an order: "expiry monthly"
	Due   Day         `json:"due"`  // as at which it is
	From  Day         `json:"from"` // what happened since this day
	Facts ReportFacts `json:"facts"`

	Ordered *ReportSent `json:"ordered,omitempty"` // of one that was ordered: its figures are made from the log
}

// A ReportSent is how a report that was ordered is delivered.
type ReportSent struct {
	Kind    string   `json:"kind"`
	Formats []string `json:"formats"`
	To      []Role   `json:"to"`
}

func (r *Report) Card() Card {
	return Card{"report", string(r.ID), "made", []Key{By("name", r.Name), By("due", r.Due)}}
}

// ReportFacts are the tables of a compliance report.
type ReportFacts struct {
	Agreements   []HeldLine        `json:"agreements"`   // in force, or whose data are not certified destroyed
	Certificates []CertificateLine `json:"certificates"` // outstanding
	Audits       []AuditLine       `json:"audits"`       // open
	Frozen       []FrozenLine      `json:"frozen"`       // that wait for an officer's decision
	Releases     []ReleaseLine     `json:"releases"`     // published since the last report
	Lists        []ListLine        `json:"lists"`        // loaded since the last report
	Glass        []GlassLine       `json:"glass"`        // acts from a local shell since the last report

	Imported *ImportedCount `json:"imported,omitempty"` // from registers that were published before
}

// A HeldLine says who holds what, until when.
type HeldLine struct {
	Agreement AgreementID    `json:"agreement"`
	Org       OrgCode        `json:"org"`
	OrgName   string         `json:"org_name"`
	Datasets  []string       `json:"datasets"`
	End       Day            `json:"end"`
	State     AgreementState `json:"state"`
	Files     int            `json:"files"` // of which a byte was sent
}

// A CertificateLine is a certificate that has not been accepted.
type CertificateLine struct {
	Certificate CertificateID    `json:"certificate"`
	Agreement   AgreementID      `json:"agreement"`
	Org         OrgCode          `json:"org"`
	Due         Day              `json:"due"`
	State       CertificateState `json:"state"`
	DaysOver    int              `json:"days_over"`
}

// An AuditLine is an audit that is not closed.
type AuditLine struct {
	Audit     AuditID     `json:"audit"`
	Org       OrgCode     `json:"org"`
	Agreement AgreementID `json:"agreement"`
	Trigger   string      `json:"trigger"`
	Triggered Day         `json:"triggered"`
	State     AuditState  `json:"state"`
}

// A FrozenLine is a release that nobody collects until an officer has decided.
type FrozenLine struct {
	Release   ReleaseID   `json:"release"`
	Agreement AgreementID `json:"agreement"`
	Since     Day         `json:"since"`
	Objected  bool        `json:"objected"` // and not merely that nobody could tell
	List      int         `json:"list"`     // the version
}

// A ReleaseLine is a release that was published.
type ReleaseLine struct {
	Release   ReleaseID    `json:"release"`
	Agreement AgreementID  `json:"agreement"`
	Dataset   string       `json:"dataset"`
	Periods   []string     `json:"periods"`
	Published Day          `json:"published"`
	State     ReleaseState `json:"state"`
	Treatment Treatment    `json:"objections"`
	Reason    string       `json:"reason,omitempty"` // why they are not upheld
	List      ListID       `json:"list"`
	Despite   []GuardLine  `json:"despite,omitempty"` // the guard was overridden
}

// A GuardLine is why a release stands beside another that its recipients have.
type GuardLine struct {
	Override GuardID   `json:"override"`
	Beside   string    `json:"beside"`
	Case     GuardCase `json:"case"`
	Reason   string    `json:"reason"`
}

// A GlassLine is an act of a local shell in somebody's name.
type GlassLine struct {
	ID     string   `json:"id"`
	Act    string   `json:"act"`
	Person PersonID `json:"person"`
	Reason string   `json:"reason"`
	On     Day      `json:"on"`
}

// A ListLine is an objections list that was loaded.
type ListLine struct {
	Version int  `json:"version"`
	AsAt    Day  `json:"as_at"`
	Numbers int  `json:"numbers"`
	Invalid int  `json:"invalid"`
	Usable  bool `json:"usable"`
}
