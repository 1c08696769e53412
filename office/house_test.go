package office_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
	_ "time/tzdata"

	"darsd/configs"
	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// hasYears skips a test in which an office lives alone for years. What each act does is
// tried on both databases elsewhere, many times at once; a year of them takes a server
// several times as long.
func (h *house) hasYears() {
	if h.kind == "postgres" && os.Getenv("DARSD_YEARS") == "" {
		h.t.Skip("years are lived on PostgreSQL where DARSD_YEARS is set")
	}
}

// A house is an office that two programs have open, with its people, and on a
// day of its own.
type house struct {
	t      *testing.T
	kind   string // of its database
	at     string // its address
	both   [2]*office.Office
	works  *works
	today  dars.Day
	people map[string]dars.PersonID // by login
	forms  int
}

// staff are the office's people and what they are trusted with, and outsiders.
var staff = []struct {
	login string
	org   dars.OrgCode
	roles []dars.Role
}{
	{"carol", dars.TheOffice, []dars.Role{dars.CaseOfficer}},
	{"colin", dars.TheOffice, []dars.Role{dars.CaseOfficer}},
	{"iris", dars.TheOffice, []dars.Role{dars.IAO}},
	{"sue", dars.TheOffice, []dars.Role{dars.Secretary}},
	{"sid", dars.TheOffice, []dars.Role{dars.SIRO}},
	{"nora", dars.TheOffice, []dars.Role{dars.Signatory}},
	{"pat", dars.TheOffice, []dars.Role{dars.Producer, dars.Checker, dars.Signer}},
	{"chris", dars.TheOffice, []dars.Role{dars.Producer, dars.Checker, dars.Signer}},
	{"sam", dars.TheOffice, []dars.Role{dars.Signer}},
	{"connie", dars.TheOffice, []dars.Role{dars.Compliance}},
	{"audrey", dars.TheOffice, []dars.Role{dars.Auditor}},
	{"mona", dars.TheOffice, []dars.Role{dars.Member}},
	{"max", dars.TheOffice, []dars.Role{dars.Member}},
	{"mei", dars.TheOffice, []dars.Role{dars.Member}},
	{"lena", dars.TheOffice, []dars.Role{dars.Member}},
	{"rita", "RA1", []dars.Role{dars.Applicant, dars.Collector}},
	{"ron", "RA1", []dars.Role{dars.Collector}},
	{"ravi", "RA2", []dars.Role{dars.Applicant, dars.Collector, dars.Controller}},
}

var catalogue = dars.Catalogue{
	{Code: "HES_APC", Name: "Hospital episodes", IAO: "iris", Person: "ID", Format: dars.Format{Delimiter: ","}, Files: []dars.SourceFile{{Period: "200199"}, {Period: "200299"}, {Period: "200399"}}},
}

var policy = dars.Policy{Uphold: "always", MaxAgeDays: 21, DownloadWindowDays: 14, CertificateDays: 14, AuditAfterDays: 56,
	Ladders: dars.DefaultLadders(), Sanctions: dars.DefaultSanctioning, AuditsPerYear: 2}

// opened is what two programs have open at an address.
func opened(t *testing.T, kind, address string) *house {
	t.Helper()
	h := &house{t: t, kind: kind, at: address, today: "2026-03-02", people: map[string]dars.PersonID{}, works: &works{vault: map[string][]byte{}, forms: map[string]dars.Form{}, mails: map[string]mail{}, handed: map[string]office.Letter{}}}
	for i := range h.both {
		s, err := store.Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		h.both[i] = &office.Office{Store: s, Calendar: configs.Default("").Calendar(), Catalogue: catalogue, Policy: policy,
			Info: dars.Office{Name: "The Office", Email: "office@example.org"}, Works: h.works.asWorks(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	}
	return h
}

// settle enters who is there on the first day.
func (h *house) settle() {
	h.t.Helper()
	ctx := h.t.Context()
	h.must(office.Parties{Office: h.first()}.Found(ctx, dars.Act{At: h.noon(), Via: dars.Console}, false, "olive", "SHA256:olive", "ssh-ed25519 olive"))
	h.people["olive"] = "P-000001"
	for _, org := range []dars.OrgCode{"RA1", "RA2"} {
		h.add(staff[0].login, dars.TheOffice, staff[0].roles...)
		h.must(office.Parties{Office: h.first()}.AddOrganisation(ctx, h.by("carol"), dars.Organisation{Code: org, Name: "Trust " + string(org), ICO: "Z1234567", Security: "DSPT"}))
	}
	for _, p := range staff {
		h.add(p.login, p.org, p.roles...)
	}
}

func (h *house) first() *office.Office { return h.both[0] }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// add enters a person with a key that opens, once.
func (h *house) add(login string, org dars.OrgCode, roles ...dars.Role) {
	h.t.Helper()
	if h.people[login] != "" {
		return
	}
	o, by := office.Parties{Office: h.first()}, "olive"
	if org != dars.TheOffice {
		by = "carol"
	}
	a := h.by(by)
	if org == dars.TheOffice {
		a.Via = dars.Rehearsal // of these keys nobody is told
	}
	id, err := o.AddPerson(h.t.Context(), a, dars.Person{Org: org, Login: login, Name: "N. " + login, Email: login + "@example.org", Roles: roles}, "SHA256:"+login, "ssh-ed25519 "+login)
	h.must(err)
	h.people[login] = id
	if org != dars.TheOffice {
		h.must(o.ConfirmKey(h.t.Context(), h.by("colin"), login, "SHA256:"+login))
	}
}

// noon of the house's day.
func (h *house) noon() time.Time {
	t, _ := time.Parse(time.DateOnly, string(h.today))
	return t.Add(12 * time.Hour)
}

// by is an act of somebody with a key, at noon, for a reason.
func (h *house) by(login string) dars.Act {
	return dars.Act{Who: h.people[login], At: h.noon(), Via: dars.SSH, Why: "it was asked for"}
}

// form is an application of RA1 for one dataset, with nothing wrong.
func (h *house) form() dars.Form {
	return dars.Form{Title: "Asthma admissions", Organisation: "RA1", Contact: "rita", Controllers: []dars.OrgCode{"RA1"}, Collectors: []string{"rita", "ron"},
		Locations: []dars.Location{{Address: "Leeds"}}, Territory: "UK", Start: h.today, End: h.today.AddMonths(12), Purpose: dars.Purpose{Serves: []dars.Aim{{Aim: "HEALTH_CARE", How: "fewer admissions"}}, Objective: "o", Processing: "p", Outputs: "o", Benefits: "b"},
		Datasets: []dars.DatasetRequest{{Code: "HES_APC", Periods: []string{"200199", "200299"}, Identifiability: "IDENT", Gateway: "NHSA251_REG5"}},
		Evidence: []dars.Evidence{{Kind: "cag", File: "cag.txt", Ref: "15/CAG/0123"}}}
}

// folder is an application as it comes in.
func (h *house) folder(f dars.Form) office.Arrived {
	h.works.mu.Lock()
	defer h.works.mu.Unlock()
	h.forms++
	text := fmt.Sprint("form ", h.forms)
	h.works.forms[text] = f
	return office.Arrived{Folder: "submit", Name: "application", Dir: true, SHA256: sum(text), Files: fstest.MapFS{"application.yaml": {Data: []byte(text)}, "cag.txt": {Data: []byte("Support is recommended.")}}}
}

func sum(text string) string { s := sha256.Sum256([]byte(text)); return hex.EncodeToString(s[:]) }

// paper is a file as it comes in.
func paper(folder, name, text string) office.Arrived {
	return office.One(folder, name, sum(text), fstest.MapFS{name: {Data: []byte(text)}})
}

// contract puts a framework contract with an organisation in force.
func (h *house) contract(org dars.OrgCode, end dars.Day) dars.ContractID {
	h.t.Helper()
	o, ctx := office.Parties{Office: h.first()}, h.t.Context()
	id, err := o.IssueContract(ctx, h.by("carol"), org, h.today, end)
	h.must(err)
	h.must(errors.Join(o.ConfirmContract(ctx, h.by("carol"), id), o.ConfirmContract(ctx, h.by("colin"), id), o.CountersignContract(ctx, h.by("nora"), id)))
	return id
}

// approved is an application that the SIRO has approved.
func (h *house) approved(f dars.Form) string {
	h.t.Helper()
	applicant := map[dars.OrgCode]string{"RA1": "rita", "RA2": "ravi"}[f.Organisation]
	id, err := office.Applications{Office: h.first()}.Submit(h.t.Context(), h.by(applicant), h.folder(f), "")
	h.must(err)
	h.decided(string(id))
	return string(id)
}

// decided takes an application that has come in to its approval.
func (h *house) decided(ref string) {
	h.t.Helper()
	ctx := h.t.Context()
	o, c := office.Applications{Office: h.first()}, office.Committee{Office: h.first()}
	h.must(o.Look(ctx, h.by("carol"), ref, 1, dars.EvidenceSeen, dars.Reading{}))
	h.must(o.Review(ctx, h.by("carol"), ref, dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}))
	h.must(errors.Join(o.Accept(ctx, h.by("carol"), ref), c.Assess(ctx, h.by("iris"), ref), c.PreReview(ctx, h.by("sue"), ref)))
	if dars.RecordLevel(get[dars.Application](h, ref).Form.Datasets) {
		h.must(errors.Join(h.sit(), c.Present(ctx, h.by("iris"), ref), c.Outcome(ctx, h.by("sue"), ref, dars.Recommended)))
	}
	h.must(c.SIRO(ctx, h.by("sid"), ref, true))
}

// sit opens a meeting of DAAG with a quorum, unless one is open that was this week.
func (h *house) sit() error {
	ctx, c := h.t.Context(), office.Committee{Office: h.first()}
	if open := all[dars.Meeting](h, dars.By("state", dars.MeetingOpen)); len(open) > 0 {
		if h.today <= open[0].On.Add(7) {
			return nil
		}
		h.must(c.Minutes(ctx, h.by("sue"), open[0].ID, ""))
	}
	id, err := c.Call(ctx, h.by("sue"), h.today)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		login string
		kind  dars.MemberKind
	}{{"mona", dars.Chair}, {"max", dars.Professional}, {"mei", dars.Patient}, {"lena", dars.Lay}} {
		err = errors.Join(err, c.Attend(ctx, h.by("sue"), id, m.login, m.kind))
	}
	return err
}

// issued is an agreement that waits for its signed copy.
func (h *house) issued(f dars.Form) dars.AgreementID {
	h.t.Helper()
	id, err := office.Agreements{Office: h.first()}.Issue(h.t.Context(), h.by("carol"), h.approved(f), "", "")
	h.must(err)
	return id
}

// returned is an agreement whose signed copy has come back.
func (h *house) returned(f dars.Form) dars.AgreementID {
	h.t.Helper()
	id := h.issued(f)
	v := office.Intake{Office: h.first()}.Take(h.t.Context(), office.At(dars.ByFolder, h.noon()), paper("signed-agreements", "signed.pdf", "signed "+string(id)))
	if v.Verdict != dars.VerdictWaiting || v.Ref+"-"+v.Version != string(id) {
		h.t.Fatalf("the signed copy: %+v", v)
	}
	return id
}

// agreed is an agreement that all have signed.
func (h *house) agreed(f dars.Form) dars.AgreementID {
	h.t.Helper()
	o, ctx := office.Agreements{Office: h.first()}, h.t.Context()
	id := h.returned(f)
	h.must(errors.Join(o.Confirm(ctx, h.by("carol"), id), o.Confirm(ctx, h.by("colin"), id), o.Countersign(ctx, h.by("nora"), id)))
	return id
}

// agreement is the one that the stage agreed has.
func (h *house) agreement() dars.AgreementID {
	h.t.Helper()
	return all[dars.Agreement](h)[0].ID
}

// list loads an objections list of some numbers.
func (h *house) list(asAt dars.Day, numbers int) {
	h.t.Helper()
	_, err := h.load("pat", asAt, numbers)
	h.must(err)
}

func (h *house) load(login string, asAt dars.Day, numbers int) (*dars.List, error) {
	text := strings.Repeat("9434765919\n", numbers)
	return office.Objections{Office: h.first()}.Load(h.t.Context(), h.by(login), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }, asAt)
}

// signedOff is a release that waits to be published.
func (h *house) signedOff(g dars.AgreementID) dars.ReleaseID {
	h.t.Helper()
	o, ctx := office.Releases{Office: h.first()}, h.t.Context()
	id, err := o.Plan(ctx, h.by("carol"), g, "HES_APC", nil)
	h.must(err)
	h.must(errors.Join(o.Produce(ctx, h.by("pat"), id), o.Check(ctx, h.by("chris"), id), o.SignOff(ctx, h.by("sam"), id)))
	return id
}

// published is a release that can be collected.
func (h *house) published(g dars.AgreementID) *dars.Release {
	h.t.Helper()
	id := h.signedOff(g)
	h.must(office.Releases{Office: h.first()}.Publish(h.t.Context(), h.by("pat"), id))
	return get[dars.Release](h, string(id))
}

// download is a handle of somebody on a file.
func (h *house) download(login string, f dars.FileID, handle string) office.Download {
	return office.Download{Handle: handle, Who: h.people[login], Visitor: dars.Visitor{Login: login, Key: "SHA256:" + login}, File: f, Client: "OpenSSH"}
}

// collect sends a whole file to somebody, who confirms it.
func (h *house) collect(login string, f dars.ReleaseFile) {
	h.t.Helper()
	d, all := h.download(login, f.ID, "handle-"+string(f.ID)+login), dars.Range{From: 0, To: f.Bytes}
	l := office.Ledger{Office: h.first()}
	h.must(l.Reserve(h.t.Context(), d, all, h.noon()))
	h.must(l.Settle(h.t.Context(), d, dars.Ranges{all}, dars.Ranges{all}, h.noon()))
}

// filled is the form of a certificate as it should come back.
func (h *house) filled(id dars.CertificateID, backup dars.Day) office.Arrived {
	h.t.Helper()
	c := get[dars.Certificate](h, string(id))
	f := dars.CertificateForm{Certificate: id, Agreement: c.Agreement, Signed: dars.Declaration{Name: "Rita Recipient", Post: "Data Manager", Date: h.today, Destroyed: true}}
	for _, i := range c.Expected() {
		i.Medium, i.Method, i.DestroyedOn, i.BackupUntil = "HDD", "SHRED", h.today, backup
		f.Items = append(f.Items, i)
	}
	text, err := json.Marshal(returnedForm{f, f.Signed.Name, "Ian Infrastructure"})
	h.must(err)
	return paper("certificates", string(id)+".yaml", string(text))
}

// returnedForm carries what the log leaves out.
type returnedForm struct {
	dars.CertificateForm
	Name        string
	PerformedBy string
}

func get[T any, P store.Noun[T]](h *house, ref string) (n P) {
	h.t.Helper()
	h.must(h.first().Store.View(context.Background(), func(tx *store.Tx) (err error) {
		n, err = store.Get[T, P](tx, ref)
		return err
	}))
	return n
}

func all[T any, P store.Noun[T]](h *house, keys ...dars.Key) (found []P) {
	h.t.Helper()
	h.must(h.first().Store.View(context.Background(), func(tx *store.Tx) (err error) {
		found, err = store.Find[T, P](tx, keys...)
		return err
	}))
	return found
}

// head is the number of the newest event.
func (h *house) head() (n int64) {
	h.t.Helper()
	h.must(h.first().Store.View(context.Background(), func(tx *store.Tx) (err error) {
		n, err = tx.Head()
		return err
	}))
	return n
}

// owed is the work that is owed.
func (h *house) owed() (work []store.Owed) {
	h.t.Helper()
	h.must(h.first().Store.View(context.Background(), func(tx *store.Tx) (err error) {
		work, err = tx.Outstanding()
		return err
	}))
	return work
}

// sound checks that the log and what is stored are one.
func (h *house) sound() {
	h.t.Helper()
	if _, err := h.both[1].Store.Verify(context.Background()); err != nil {
		h.t.Error(err)
	}
}

// ruled checks that a rule refused, or that none did where rule is "".
func ruled(t *testing.T, err error, rule string) {
	t.Helper()
	var no *dars.Refusal
	switch {
	case err == nil && rule == "":
	case !errors.As(err, &no):
		t.Fatalf("got %v, want the rule %q", err, rule)
	case no.Rule != rule:
		t.Fatalf("the rule %q refused (%s), want %q", no.Rule, no, rule)
	}
}

// race lets many do something at once, half of them in each program. It returns
// how many were not refused; whoever was, must have been by a rule of the list.
func (h *house) race(n int, rules string, do func(i int, o *office.Office) error) (done int) {
	h.t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() { errs[i] = do(i, h.both[i%2]) })
	}
	wg.Wait()
	for _, err := range errs {
		var no *dars.Refusal
		switch {
		case err == nil:
			done++
		case !errors.As(err, &no) || !strings.Contains(rules, no.Rule):
			h.t.Errorf("refused by no rule of %q: %v", rules, err)
		}
	}
	return done
}

// works are the rest of the program: papers of one line, a vault in memory, a
// packer that packs what it is told.
type works struct {
	mu      sync.Mutex
	vault   map[string][]byte
	forms   map[string]dars.Form     // by the text of application.yaml
	mails   map[string]mail          // what was written, with all who got it
	handed  map[string]office.Letter // by ID: the same ID again is the same letter
	sent    int                      // how often Send was asked
	purged  []dars.ReleaseID
	reports []string
	drawn   []string

	packed  func(office.Packing)                                                    // happens while a package is made
	counted func(p office.Packing, further []*dars.List) (rowsOut int64, err error) // while one is counted; nil: all that was released
	seen    []dars.Source                                                           // that a count reads
	left    int                                                                     // persons who are in a cohort no more
	empty   dars.FileID                                                             // in which no row is left
	packErr error
	tabled  func(office.TableToMake) error // says whether a table may be published; nil: any may
	discard []string                       // attempts
	draw    func(kind string) error        // happens while a paper is drawn
	index   string                         // with which packages are made
	vaultIs error
	mailIs  error
	refuses map[string]error // by address
}

type mail struct {
	to      string
	subject string
	body    string
}

func (w *works) asWorks() office.Works {
	return office.Works{Papers: press{w}, Copies: press{w}, Reader: reader{w}, Vault: w, Packer: w, Mail: w, Endpoint: func() dars.Endpoint {
		return dars.Endpoint{Host: "sftp.office.example", Port: "22", Keys: []dars.HostKey{{Fingerprint: "SHA256:host", Public: "ssh-ed25519 AAAA"}}}
	},
		Checkpoint: func(context.Context, time.Time) error { return nil },
		Reports: func(name string, _ []byte) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.reports = append(w.reports, name)
			return nil
		}}
}

func (w *works) paper(kind string, about any) ([]byte, error) {
	if w.draw != nil {
		if err := w.draw(kind); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drawn = append(w.drawn, fmt.Sprint(kind, " ", about))
	return []byte(fmt.Sprint(kind, " ", about)), nil
}

func (w *works) Contract(f dars.ContractFacts) ([]byte, error) {
	return w.paper("contract", f.Contract.ID)
}
func (w *works) Agreement(f dars.AgreementFacts) ([]byte, error) {
	if f.Previous != nil {
		return w.paper("agreement", fmt.Sprintf("%s after %s: %v", f.Agreement.ID, f.Previous.ID, f.Changes))
	}
	return w.paper("agreement", f.Agreement.ID)
}
func (w *works) OutcomeLetter(f dars.OutcomeFacts) ([]byte, error) {
	return w.paper("outcome-letter", fmt.Sprintf("%s %s, %d left", f.Application.ID(), f.Said.Outcome, len(f.Left)))
}
func (w *works) DecisionLetter(f dars.LetterFacts) ([]byte, error) {
	return w.paper("letter", f.Application.ID())
}
func (w *works) Submission(f dars.FormFacts) ([]byte, error) {
	return w.paper("application-paper", f.Application.ID())
}
func (w *works) Reminder(f dars.ReminderFacts) ([]byte, error) {
	return w.paper("reminder", fmt.Sprint(f.Agreement.ID, " ", f.On))
}
func (w *works) Chase(f dars.DeletionFacts) ([]byte, error) {
	return w.paper("chase", strings.TrimSpace(fmt.Sprint(f.Certificate.ID, " ", f.On, " ", f.Kept)))
}
func (w *works) DestructionNotice(f dars.DeletionFacts) ([]byte, error) {
	return w.paper("destruction-notice", f.Certificate.ID)
}
func (w *works) HoldLetter(f dars.HoldFacts) ([]byte, error) {
	return w.paper("hold", f.Organisation.Code)
}
func (w *works) HoldEnded(f dars.HoldFacts) ([]byte, error) {
	return w.paper("hold-ended", f.Organisation.Code)
}
func (w *works) AuditLetter(f dars.AuditFacts) ([]byte, error) {
	return w.paper("audit", fmt.Sprint(f.Audit.ID, " of ", f.Organisation.Code))
}
func (w *works) AuditReport(f dars.AuditReportFacts) ([]byte, error) {
	return w.paper("audit-report", fmt.Sprint(f.Audit.ID, " ", f.Audit.State))
}
func (w *works) SanctionLetter(f dars.SanctionFacts) ([]byte, error) {
	return w.paper("sanction", fmt.Sprint(f.Sanction.ID, " ", f.Step.State, " next ", f.NextOn, " ended ", f.Ended))
}
func (w *works) Figures(f dars.Figures) ([]byte, error) {
	text, err := json.Marshal(f)
	return append([]byte("a paper: "), text...), err
}
func (w *works) FigureSheets(f dars.Figures) ([]byte, error) { return w.paper("figures", f.Kind) }
func (w *works) RecallNotice(f dars.RecallFacts) ([]byte, error) {
	return w.paper("recall", fmt.Sprint(f.Recall, " to ", f.Organisation.Code, " of ", len(f.Files)))
}
func (w *works) Quote(f dars.ChargeFacts) ([]byte, error) {
	return w.paper("quote", f.Application.ID())
}
func (w *works) Invoice(f dars.ChargeFacts) ([]byte, error) {
	return w.paper("invoice", f.Invoice.ID)
}
func (w *works) Statement(f dars.ChargeFacts) ([]byte, error) {
	return w.paper("statement", f.Application.ID())
}
func (w *works) CreditNote(f dars.ChargeFacts) ([]byte, error) {
	return w.paper("credit-note", f.Credit.ID)
}
func (w *works) CertificateQuery(f dars.DeletionFacts) ([]byte, error) {
	return w.paper("certificate-query", f.Certificate.ID)
}

func (w *works) CertificateForm(f dars.CertificateFacts) ([]byte, error) {
	return w.paper("form", f.Certificate.ID)
}
func (w *works) ComplianceReport(r *dars.Report) ([]byte, error) { return w.paper("report", r.ID) }

func (w *works) ComplianceSheets(r *dars.Report) ([]byte, error) { return w.paper("report", r.ID) }
func (w *works) Agenda(f dars.MeetingFacts) ([]byte, error) {
	return w.paper("agenda", f.Meeting.ID)
}
func (w *works) Minutes(f dars.MeetingFacts) ([]byte, error) {
	return w.paper("minutes", f.Meeting.ID)
}

func (w *works) Signed(ctx context.Context, pdf []byte) (dars.ReturnedCopy, error) {
	if ctx.Err() != nil {
		return dars.ReturnedCopy{}, ctx.Err()
	}
	if ref, ok := strings.CutPrefix(string(pdf), "signed "); ok {
		ref, _, _ = strings.Cut(ref, "\n") // what follows makes another copy of the same
		return dars.ReturnedCopy{Ref: ref}, nil
	}
	return dars.ReturnedCopy{}, errors.New("there is no reference on it")
}

func (w *works) Page(_ context.Context, _ []byte, page int) ([]byte, error) {
	return fmt.Appendf(nil, "picture of page %d", page), nil
}

// Signatures finds one of RA1 on "PAPER\nsigned digitally by ORG": a paper as it was
// issued, and a line behind it.
func (w *works) Signatures(_ context.Context, pdf []byte, at time.Time) (s office.Signatures, _ error) {
	issued, orgs, borne := strings.Cut(string(pdf), "\nsigned digitally by ")
	s.Borne, s.Issued = borne, len(issued)
	for _, org := range strings.Fields(orgs) {
		s.Signers = append(s.Signers, office.Signer{Certificate: "c-" + org, At: at, Organisations: []dars.OrgCode{dars.OrgCode(org)}})
	}
	if borne && len(s.Signers) == 0 {
		s.Fault = "something was added that is no signature"
	}
	return s, nil
}

func (w *works) Application(yaml []byte) dars.Draft {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, ok := w.forms[string(yaml)]
	if !ok {
		return dars.Draft{Broken: true, Wrong: []dars.Mistake{{Line: 1, Says: "no form", Rule: "bad-form"}}}
	}
	return dars.Draft{Form: f}
}

func (w *works) List(r io.Reader) (numbers int, invalid []dars.BadLine, invalidN int, hash string, err error) {
	text, err := io.ReadAll(r)
	return strings.Count(string(text), "\n"), nil, 0, sum(string(text)), err
}

// Cohort takes a line of ten characters for a number.
func (w *works) Cohort(r io.Reader, _ dars.Dataset, _ dars.Cohort) (c dars.CohortCount, hash string, err error) {
	text, err := io.ReadAll(r)
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		c.Lines++
		if len(line) == 10 {
			c.Numbers++
			continue
		}
		c.InvalidN++
		c.Invalid = append(c.Invalid, dars.BadLine{Line: i + 1, Reason: "no number"})
	}
	return c, sum(string(text)), err
}

func (w *works) Write(scope dars.ReleaseID, name string, content io.Reader) error {
	text, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.vaultIs != nil {
		return w.vaultIs
	}
	w.vault[string(scope)+":"+name] = text
	return nil
}

func (w *works) Read(scope dars.ReleaseID, name string) (io.ReadCloser, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text, ok := w.vault[string(scope)+":"+name]
	if !ok || w.vaultIs != nil {
		return nil, errors.Join(fs.ErrNotExist, w.vaultIs)
	}
	return io.NopCloser(bytes.NewReader(text)), nil
}

func (w *works) Remove(name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.vault[":"+name]; !ok {
		return fs.ErrNotExist
	}
	delete(w.vault, ":"+name)
	return nil
}

func (w *works) Purge(r dars.ReleaseID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.vaultIs != nil {
		return w.vaultIs
	}
	w.purged = append(w.purged, r)
	return nil
}

func (w *works) Pack(_ context.Context, p office.Packing) (dars.Package, error) {
	if w.packed != nil {
		w.packed(p)
	}
	if w.packErr != nil {
		return dars.Package{}, w.packErr
	}
	if p.Table != nil && w.tabled != nil {
		if err := w.tabled(*p.Table); err != nil {
			return dars.Package{}, err
		}
	}
	made := dars.Package{Attempt: p.Attempt, Upheld: dars.Upheld{Treatment: p.Release.Treated(), Reason: p.Release.Objections.Reason}, Tags: []dars.PackageFile{}}
	if p.List != nil {
		made.Upheld.List, made.Upheld.ListVersion = p.List.ID, p.List.Version
	}
	if p.Table != nil {
		made.Table = &dars.TableMade{Rules: p.Table.Rules, Cells: 3}
		if err := w.Write("", office.TableSigns(p.Release.ID, p.Attempt), strings.NewReader("a sign\n")); err != nil {
			return dars.Package{}, err
		}
	}
	made.Index = w.index
	for _, e := range p.Earlier {
		made.Left = append(made.Left, dars.CohortLeft{List: e.ID, Version: e.Version, Persons: w.left, Releases: e.Releases})
	}
	for _, f := range p.Release.Files {
		f.Bytes, f.SHA512, f.Rows = 100, sum(string(f.ID)), 10
		if f.ID == w.empty {
			f.Bytes, f.Rows = 0, 0
		}
		made.Files = append(made.Files, f)
	}
	return made, nil
}

func (w *works) Empty(_ context.Context, p office.Packing) ([]byte, error) {
	return fmt.Appendf(nil, "no row of %s", p.Dataset.Code), w.packErr
}

func (w *works) Discard(p office.Packing) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.discard = append(w.discard, p.Attempt)
	return nil
}

func (w *works) Send(_ context.Context, l office.Letter) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent++
	if w.mailIs != nil {
		return w.mailIs
	}
	if no := w.refuses[l.To]; no != nil {
		return no
	}
	w.handed[l.ID] = l
	id, _, _ := strings.Cut(l.ID, ".")
	if strings.HasPrefix(l.ID, "digest-") { // each reader's own
		id = l.ID
	}
	to := append(strings.Fields(w.mails[id].to), l.To)
	slices.Sort(to)
	w.mails[id] = mail{strings.Join(slices.Compact(to), " "), l.Subject, l.Body}
	return nil
}

func (w *works) Mail(f dars.MailFacts) (string, error) { return f.Body, nil }

func (w *works) Digest(f dars.DigestFacts) (subject, text string, err error) {
	for _, l := range f.Letters {
		text += l.Subject + "\n" + l.Body + "\n"
	}
	return fmt.Sprintf("%d things of %s", len(f.Letters), f.On), text, nil
}

// letters are those whose subject holds a text.
func (w *works) letters(about string) (found []mail) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.mails {
		if strings.Contains(m.subject, about) {
			found = append(found, m)
		}
	}
	return found
}

// press and reader are works where the two meanings of Certificate part.
type (
	press  struct{ *works }
	reader struct{ *works }
)

func (p press) Certificate(f dars.CertificateFacts) ([]byte, error) {
	return p.paper("certificate", f.Certificate.ID)
}

func (r reader) Benefits(yaml []byte) (f dars.BenefitForm, err error) {
	return f, json.Unmarshal(yaml, &f)
}

func (r reader) Certificate(_ context.Context, yaml []byte) (dars.CertificateForm, error) {
	var f returnedForm
	err := json.Unmarshal(yaml, &f)
	f.Signed.Name, f.Signed.PerformedBy = f.Name, f.PerformedBy
	return f.CertificateForm, err
}
