package dars

// Nouns makes an empty noun of each kind: the log is replayed with it.
var Nouns = map[string]func() Noun{
	"house":           func() Noun { return new(House) },
	"host keys":       func() Noun { return new(HostKeys) },
	"seal":            func() Noun { return new(SealUsed) },
	"master key":      func() Noun { return new(MasterKey) },
	"organisation":    func() Noun { return new(Organisation) },
	"person":          func() Noun { return new(Person) },
	"contract":        func() Noun { return new(Contract) },
	"application":     func() Noun { return new(Application) },
	"agreement":       func() Noun { return new(Agreement) },
	"override":        func() Noun { return new(Override) },
	"guard override":  func() Noun { return new(GuardOverride) },
	"objections list": func() Noun { return new(List) },
	"cohort":          func() Noun { return new(CohortList) },
	"release":         func() Noun { return new(Release) },
	"collection":      func() Noun { return new(Collection) },
	"receipt":         func() Noun { return new(Receipt) },
	"certificate":     func() Noun { return new(Certificate) },
	"benefits":        func() Noun { return new(BenefitReport) },
	"audit":           func() Noun { return new(Audit) },
	"audit plan":      func() Noun { return new(AuditPlan) },
	"sanction":        func() Noun { return new(Sanction) },
	"complaint":       func() Noun { return new(Complaint) },
	"query":           func() Noun { return new(Query) },
	"paper":           func() Noun { return new(Paper) },
	"report":          func() Noun { return new(Report) },
	"scrub":           func() Noun { return new(Scrub) },
	"break-glass":     func() Noun { return new(GlassBroken) },
	"arrival":         func() Noun { return new(Arrival) },
	"quote":           func() Noun { return new(CaseQuote) },
	"invoice":         func() Noun { return new(Invoice) },
	"credit note":     func() Noun { return new(CreditNote) },
	"bank holiday":    func() Noun { return new(Holiday) },
	"note":            func() Noun { return new(Note) },
	"enquiry":         func() Noun { return new(Enquiry) },
	"meeting":         func() Noun { return new(Meeting) },
	"incident":        func() Noun { return new(Incident) },
	"recall":          func() Noun { return new(Recall) },
	"recall notice":   func() Noun { return new(RecallNotice) },
	"erasure":         func() Noun { return new(Erasure) },
	"restoration":     func() Noun { return new(Restoration) },
	"past":            func() Noun { return new(Past) },

	"register edition":   func() Noun { return new(RegisterEdition) },
	"imported agreement": func() Noun { return new(ImportedAgreement) },
	"imported release":   func() Noun { return new(ImportedRelease) },
	"unread rows":        func() Noun { return new(Unread) },
	"tracing":            func() Noun { return new(Tracing) },
	"same party":         func() Noun { return new(SameParty) },
	"register entry":     func() Noun { return new(RegisterEntry) },
	"withholding":        func() Noun { return new(Withholding) },
}

// Edition is that of the cards of all nouns: one more whenever a noun's card comes
// to say something else of the same facts, so that a database of an earlier program
// is filed anew (a test knows all cards and says when).
const Edition = 15

// A Table is a life as rows of state and next states.
type Table struct {
	Noun  string
	Steps [][2]string
}

// Process is every life, for the manual and the screen.
func Process() []Table {
	return []Table{
		{"organisation", OrgLife.Steps()},
		{"contract", ContractLife.Steps()},
		{"enquiry", EnquiryLife.Steps()},
		{"application", ApplicationLife.Steps()},
		{"meeting", MeetingLife.Steps()},
		{"agreement", AgreementLife.Steps()},
		{"imported agreement", ImportedLife.Steps()},
		{"same party", SamePartyLife.Steps()},
		{"withholding", WithholdingLife.Steps()},
		{"override", OverrideLife.Steps()},
		{"guard override", OverrideLife.Steps()},
		{"release", ReleaseLife.Steps()},
		{"release, system access", AccessLife.Steps()},
		{"release, objections that came late", LateLife.Steps()},
		{"query", QueryLife.Steps()},
		{"certificate", CertificateLife.Steps()},
		{"audit", AuditLife.Steps()},
		{"sanction", SanctionLife.Steps()},
		{"complaint", ComplaintLife.Steps()},
		{"invoice", InvoiceLife.Steps()},
		{"incident", IncidentLife.Steps()},
		{"recall", RecallLife.Steps()},
	}
}
