package dars

import (
	"slices"
	"strings"
)

// Powers says who may do what: for each act, under the words of its command,
// the roles of which one is needed. An outsider may only ever act for their own
// organisation. The manual prints it (darsd process --roles).
var Powers = map[string][]Role{
	"org add":          {CaseOfficer},
	"org assure":       {CaseOfficer},
	"org hold":         {Compliance},
	"org release-hold": {Compliance},
	"org same":         {CaseOfficer, Compliance}, // two names of registers are one organisation
	"org apart":        {Compliance},              // they are not

	"person add":         {CaseOfficer, Operator}, // a case officer adds outsiders, an operator the office's own
	"person key-add":     {CaseOfficer, Operator},
	"person key-confirm": {CaseOfficer, Operator, Applicant, Collector, Controller}, // an outsider: their own, with an older key
	"person key-revoke":  {CaseOfficer, Operator},
	"person networks":    {CaseOfficer, Operator},
	"person delegate":    InsideRoles(), // a role of their own; an operator, anybody's

	"host-key prepare":  {Operator},
	"host-key switch":   {Operator},
	"seal rotate":       {Operator},
	"master-key rotate": {Operator}, // at a local shell, while nothing serves

	"contract issue":       {CaseOfficer},
	"contract confirm":     {CaseOfficer},
	"contract countersign": {Signatory},
	"contract renew":       {CaseOfficer},
	"contract terminate":   {CaseOfficer},

	"application submit":     {Applicant, CaseOfficer},
	"application enquiry":    {Applicant, Collector, Controller, CaseOfficer},
	"application answer":     {CaseOfficer}, // an enquiry
	"application review":     {CaseOfficer},
	"application evidence":   {CaseOfficer},            // seen or refused; never by who handed it in
	"application add":        {Applicant, CaseOfficer}, // evidence
	"application discuss":    {CaseOfficer},
	"application action":     {CaseOfficer},
	"application answered":   {Applicant, Collector, Controller, CaseOfficer, IAO, Secretary, Member, Director, SIRO}, // an action of their own
	"application note":       {CaseOfficer, IAO, Secretary, Member, Director, SIRO, Compliance, Auditor},
	"application reassign":   {CaseOfficer},
	"application accept":     {CaseOfficer},
	"application refer-back": {CaseOfficer},
	"application withdraw":   {Applicant, CaseOfficer},
	"application undo":       {Applicant, CaseOfficer}, // a slip of the hand; an applicant: that it was withdrawn
	"application class":      {CaseOfficer},            // and its clock
	"application pause":      {CaseOfficer},
	"application resume":     {CaseOfficer},
	"application recount":    {CaseOfficer},

	"quote offer": {CaseOfficer},
	"quote agree": {Applicant, CaseOfficer}, // for their own organisation

	"invoice void": {CaseOfficer},

	"decision assess":     {IAO}, // of the datasets asked for
	"decision pre-review": {Secretary},
	"decision present":    {IAO},
	"decision meeting":    {Secretary},
	"decision move":       {Secretary}, // a meeting to another day
	"decision cancel":     {Secretary}, // a meeting
	"decision attend":     {Secretary},
	"decision conflict":   {Secretary, Member}, // a member: their own
	"decision outcome":    {Secretary},
	"decision clear":      {Secretary, Member}, // the member who chaired, with the secretary
	"decision minutes":    {Secretary},
	"decision siro":       {SIRO},
	"decision director":   {Director},

	"agreement issue":       {CaseOfficer},
	"agreement copy":        {Applicant, Collector, Controller},
	"contract copy":         {Applicant, Collector, Controller},
	"agreement confirm":     {CaseOfficer},
	"agreement countersign": {Signatory},
	"agreement collector":   {CaseOfficer},
	"agreement oblige":      {CaseOfficer}, // what is to be done before a stage
	"agreement met":         {CaseOfficer}, // by another than who noted it
	"agreement terminate":   {CaseOfficer},
	"agreement review":      {CaseOfficer}, // the annual one is done

	"agreement benefits": {Applicant, Collector, Controller, CaseOfficer}, // what came of the data

	"agreement objections":         {CaseOfficer},      // proposes
	"agreement objections-confirm": {SIRO, Compliance}, // another person

	"objections load":    {Producer},
	"objections confirm": {Compliance},

	"release plan":     {CaseOfficer},
	"release produce":  {Producer},
	"release check":    {Checker},
	"release sign-off": {Signer},
	"release publish":  {Producer},
	"release extend":   {CaseOfficer},
	"release reissue":  {CaseOfficer},
	"release withdraw": {CaseOfficer},
	"release resume":   {CaseOfficer}, // who had no hand in it

	"guard check":    {CaseOfficer, SIRO, Compliance, Auditor},
	"guard override": {SIRO, Compliance}, // both, unless it is merely not known whether two releases differ

	"release dry-run": {CaseOfficer},

	"release grant":  {CaseOfficer}, // system access
	"release usage":  {CaseOfficer},
	"release revoke": {CaseOfficer},

	"release quarantine": {Producer, Checker},         // rows of anybody
	"release rows":       {Producer, Checker, Signer}, // the first of what is to leave, masked
	"release trace":      {Compliance},                // with the keys of all cases

	"receipt confirm": {Collector},

	"query ask": {Applicant, Collector, Controller}, // who is granted system access

	"cohort submit": {Applicant, Collector, Controller}, // of a party to the agreement

	"certificate submit": {Collector, Controller, Applicant, CaseOfficer}, // an officer: what came back printed
	"certificate accept": {Compliance},
	"certificate query":  {Compliance},
	"certificate reject": {Compliance},

	"calendar add":  {Operator},
	"calendar drop": {Operator},
	"case export":   {CaseOfficer, Compliance, Auditor},

	"register import":   {Compliance},
	"register settle":   {Compliance}, // an agreement of a register that lapsed
	"register reopen":   {Compliance}, // one that was settled, and went on
	"register withhold": {Compliance}, // words of a case, on a ground
	"register disclose": {Compliance}, // them after all
	"register tracing":  {Compliance},

	"mail list":  {Operator}, // letters on their way, and not what they say
	"mail retry": {Operator},

	"audit plan":      {Auditor},
	"audit open":      {Auditor},
	"audit notify":    {Auditor},
	"audit begin":     {Auditor},
	"audit finding":   {Auditor},
	"audit report":    {Auditor},
	"audit respond":   {Applicant, Controller, Auditor}, // an auditor: what came by another way
	"audit action":    {Auditor},
	"audit extend":    {Auditor},
	"audit evidence":  {Applicant, Collector, Controller, Auditor},
	"audit examine":   {Auditor}, // who did not hand it in
	"audit follow-up": {Auditor},
	"audit close":     {Auditor},
	"audit appeal":    {Applicant, Controller, Compliance}, // against a sanction; compliance: what came by another way

	"sanction breach": {Auditor, Compliance},
	"sanction raise":  {Auditor},
	"sanction lift":   {Compliance},
	"sanction decide": {SIRO}, // an appeal; who took no part in the sanction

	"complaint add":    {CaseOfficer, Compliance},
	"complaint answer": {Compliance},

	"incident add":   {Compliance},
	"incident close": {Compliance},
	"recall plan":    {Compliance, SIRO, Auditor},
	"recall start":   {Compliance},
	"recall answer":  {Compliance, Applicant, Collector, Controller}, // an outsider: for their own organisation
	"recall close":   {Compliance},

	"erase": {Compliance},

	"report run":  {Compliance},
	"report read": {Compliance, Auditor, SIRO}, // those that were delivered
	"scrub":       {Operator},
	"log verify":  {Operator, Auditor, Compliance},
	"log access":  {Operator, Auditor, Compliance}, // who read which case
	"log refused": {Operator, Auditor, Compliance}, // whom a rule has refused what
}

// May refuses an act for which the person has none of the roles it needs.
func (p *Person) May(act string) error {
	needed, ok := Powers[act]
	if !ok {
		return Refuse("no-power", p.ID, "there is no power to %s", act)
	}
	if p.Has(needed...) {
		return nil
	}
	var words []string
	for _, r := range needed {
		words = append(words, string(r))
	}
	slices.Sort(words)
	return Refuse("no-power", p.ID, "%s needs the role %s, which %s does not have", act, strings.Join(words, " or "), p.ID)
}
