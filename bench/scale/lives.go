package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"darsd/dars"
)

// A plan is how large the office is.
type plan struct {
	agreements, releases, events int
	today                        dars.Day
}

// Who acts for the office: each role once, as the schema of its powers wants it.
const (
	carol  dars.PersonID = "P-000002" // case officer
	ivan   dars.PersonID = "P-000003" // information asset owner
	sally  dars.PersonID = "P-000004" // secretary
	simone dars.PersonID = "P-000005" // SIRO
	sam    dars.PersonID = "P-000006" // signatory
	priya  dars.PersonID = "P-000007" // producer
	chen   dars.PersonID = "P-000008" // checker
	signe  dars.PersonID = "P-000009" // signer
	cora   dars.PersonID = "P-000010" // compliance
	chris  dars.PersonID = "P-000011" // another case officer
)

var staff = []struct {
	id    dars.PersonID
	login string
	role  dars.Role
}{
	{carol, "carol", dars.CaseOfficer}, {ivan, "ivan", dars.IAO}, {sally, "sally", dars.Secretary}, {simone, "simone", dars.SIRO}, {sam, "sam", dars.Signatory},
	{priya, "priya", dars.Producer}, {chen, "chen", dars.Checker}, {signe, "signe", dars.Signer}, {cora, "cora", dars.Compliance}, {chris, "chris", dars.CaseOfficer},
}

const (
	firstOutside = 1001 // the number of the first person outside
	casesPerOrg  = 10   // an organisation has so many cases, and two people
)

// A writer keeps a noun, with the act that made it so.
type writer func(who dars.PersonID, on dars.Day, act string, n dars.Noun) error

// A life is one case: an application and an agreement for each of its versions, and
// what was released under them.
type life struct {
	plan
	rand     *rand.Rand
	write    writer
	n        int // of the case
	stem     string
	org      dars.OrgCode
	person   dars.PersonID
	contract dars.ContractID
	release  *int // the number of the last release
	owed     int  // of all releases, those still to come
}

// The words of titles: a search finds a few in thousands.
var (
	subjects = strings.Fields("asthma stroke diabetes sepsis cancer dementia obesity maternity trauma epilepsy kidney liver cataract falls frailty stents")
	views    = strings.Fields("outcomes admissions mortality readmission inequality pathways costs survival quality variation")
)

func (l *life) title() string {
	return fmt.Sprintf("%s %s after %s in region %d", subjects[l.n%len(subjects)], views[l.n/16%len(views)], subjects[l.n/7%len(subjects)], l.n%97)
}

// live goes through some versions of the case, the last of which ends well ahead or,
// for most cases, years ago.
func (l *life) live(versions int, inForce bool) error {
	end := l.today.Add(130 + l.rand.IntN(700))
	switch {
	case !inForce:
		end = l.today.Add(-400 - l.rand.IntN(2000))
	case l.n%25 == 1:
		end = l.today.Add(5 + l.rand.IntN(50)) // it ends soon
	}
	for v := versions; v >= 1; v-- {
		last := v == 1
		start := end.Add(-364)
		major := versions - v + 1
		if err := l.version(major, start.Add(-364*(v-1)), end.Add(-364*(v-1)), last, inForce); err != nil {
			return err
		}
	}
	return nil
}

// version applies, agrees and releases.
func (l *life) version(major int, start, end dars.Day, last, inForce bool) error {
	terms := []dars.DatasetRequest{{Code: "HES_APC", Periods: []string{"201499", "201599", "201699"}, Identifiability: "PSEUDO_ICO", Gateway: "HSCA261_1_2BII", Frequency: "ONGOING"}}
	p, err := l.apply(major, start, end, terms)
	if err != nil {
		return err
	}
	g := &dars.Agreement{ID: dars.AgreementID(fmt.Sprintf("%s-v%d.0", l.stem, major)), Stem: l.stem, Version: fmt.Sprintf("v%d.0", major), Application: p.ID(), Title: p.Form.Title, Org: l.org,
		Contact: l.person, Recipients: []dars.PersonID{l.person}, Controllers: []dars.Signing{{Org: l.org, Contract: l.contract}}, Processors: []dars.OrgCode{}, Datasets: terms,
		Start: start, End: end, Issued: start.Add(-20), State: dars.AgreementIssued, ConfirmedBy: []dars.PersonID{}, Steps: []dars.Step{}, Hands: dars.Hands{}}
	if err := l.agree(g); err != nil {
		return err
	}
	releases := l.owed
	if !last {
		releases = min(2, l.owed)
	}
	for range releases {
		l.owed--
		if err := l.releaseOf(g, inForce && last && l.owed == 0); err != nil {
			return err
		}
	}
	switch {
	case !last:
		g.State, g.Ended, g.SupersededBy = dars.Superseded, end, dars.AgreementID(fmt.Sprintf("%s-v%d.0", l.stem, major+1))
		return l.write(dars.ByClock, end.Add(1), "agreement countersign", g)
	case !inForce:
		return l.close(g)
	}
	return nil
}

func (l *life) apply(major int, start, end dars.Day, terms []dars.DatasetRequest) (*dars.Application, error) {
	on := start.Add(-90)
	p := &dars.Application{Stem: l.stem, Major: major, Kind: "new", State: dars.Submitted, Submitted: on, By: l.person, Evidence: []dars.EvidenceFile{}, Actions: []dars.Action{}, AssessedBy: []dars.PersonID{}, Decisions: []dars.Decision{}, Hands: dars.Hands{},
		Form: dars.Form{Title: l.title(), Organisation: l.org, ContactID: l.person, Controllers: []dars.OrgCode{l.org}, Recipients: []dars.PersonID{l.person}, Start: start, End: end, Datasets: terms, Territory: "ENGLAND_WALES",
			Summary: "We compare hospitals. " + strings.Repeat("The analysis follows patients over three years and adjusts for what they had before. ", 4)}}
	steps := []struct {
		act  string
		who  dars.PersonID
		days int
		to   dars.ApplicationState
	}{
		{"application submit", l.person, 0, dars.Submitted}, {"application review", carol, 3, dars.Submitted}, {"application accept", carol, 5, dars.Accepted}, {"decision assess", ivan, 10, dars.Assessed},
		{"decision pre-review", sally, 15, dars.PreReviewed}, {"decision present", ivan, 20, dars.AtDAAG}, {"decision outcome", sally, 25, dars.Recommended}, {"decision siro", simone, 30, dars.Approved},
	}
	for _, s := range steps {
		p.State = s.to
		switch s.act {
		case "application review":
			p.Review = dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true, By: s.who}
		case "application accept":
			p.Officer = carol
			p.Clock = dars.SLA{Class: 30, Reason: "one pseudonymised dataset", Started: on, Due: on.Add(42)}
		case "decision siro":
			p.Clock.Stopped, p.Clock.StoppedBy = on.Add(s.days), "approved"
		}
		if strings.HasPrefix(s.act, "decision") {
			p.Decisions = append(p.Decisions, dars.Decision{Step: strings.TrimPrefix(s.act, "decision "), Outcome: string(s.to), By: s.who, On: on.Add(s.days)})
		}
		if err := l.write(s.who, on.Add(s.days), s.act, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (l *life) agree(g *dars.Agreement) error {
	if err := l.write(carol, g.Issued, "agreement issue", g); err != nil {
		return err
	}
	g.Copy = &dars.SignedCopy{SHA256: strings.Repeat("cd", 32), Received: g.Issued.Add(7)}
	steps := []struct {
		act  string
		who  dars.PersonID
		days int
		to   dars.AgreementState
	}{
		{"agreement copy", dars.ByFolder, 7, dars.AgreementIssued}, {"agreement confirm", carol, 8, dars.AgreementIssued}, {"agreement confirm", chris, 9, dars.AgreementSigned},
		{"agreement countersign", sam, 10, dars.CounterSigned}, {"begin", dars.ByClock, 20, dars.InForce},
	}
	for _, s := range steps {
		g.State = s.to
		if s.act == "agreement confirm" {
			g.ConfirmedBy = append(g.ConfirmedBy, s.who)
			g.Hands = append(g.Hands, dars.Hand{Step: "confirm", By: s.who, Via: dars.SSH, At: instant(g.Issued.Add(s.days))})
			g.Controllers[0].ConfirmedBy, g.Controllers[0].SignedOn = g.ConfirmedBy, g.Issued.Add(6)
		}
		if err := l.write(s.who, g.Issued.Add(s.days), s.act, g); err != nil {
			return err
		}
	}
	return nil
}

// releaseOf makes, checks, publishes and sends one, unless it is one that still waits
// for somebody.
func (l *life) releaseOf(g *dars.Agreement, newest bool) error {
	*l.release++
	n, on := *l.release, g.Start.Add(10+20*l.owed)
	sum := fmt.Sprintf("%0128x", n)
	r := &dars.Release{ID: dars.ReleaseID(fmt.Sprintf("REL-%06d", n)), Kind: "extract", Agreement: g.ID, Dataset: "HES_APC", Periods: []string{"201499"}, State: dars.Planned, Hands: dars.Hands{}, Tags: []dars.PackageFile{}, Replaces: []dars.ReleaseID{}, Planned: on,
		Objections: dars.Upheld{Treatment: dars.Uphold, List: "OBJ-000001", ListVersion: 1, ListDate: "2016-03-01", ListSHA256: strings.Repeat("ab", 32)},
		Files:      []dars.ReleaseFile{{ID: dars.FileID(fmt.Sprintf("FILE%07d", n)), Period: "201499", PackageFile: dars.PackageFile{Path: fmt.Sprintf("data/FILE%07d.csv", n), Bytes: fileBytes, SHA512: sum}, Rows: 91}}}
	steps := []struct {
		act string
		who dars.PersonID
		to  dars.ReleaseState
	}{
		{"release plan", carol, dars.Planned}, {"release produce", priya, dars.Produced}, {"release check", chen, dars.Checked}, {"release sign-off", signe, dars.SignedOff}, {"release publish", priya, dars.Published},
	}
	if newest && n%40 == 0 {
		steps = steps[:1+n/40%4] // it waits for the next of them
	}
	for i, s := range steps {
		if r.State = s.to; i > 0 && i < 4 {
			r.Hands = append(r.Hands, dars.Hand{Step: string(s.to), By: s.who, Via: dars.SSH, At: instant(on)})
		}
		if s.to == dars.Published {
			r.Published, r.WindowEnds = on, on.Add(14)
		}
		if err := l.write(s.who, on, s.act, r); err != nil {
			return err
		}
	}
	if len(steps) < 5 {
		return nil
	}
	if err := l.collect(r, on.Add(1)); err != nil {
		return err
	}
	for _, s := range []dars.ReleaseState{dars.Collected, dars.Purged} {
		r.State = s
		if err := l.write(dars.ByClock, on.Add(15), "release "+string(s), r); err != nil {
			return err
		}
	}
	return nil
}

// fileBytes is the size of each file; the ledger does not care.
const fileBytes = 1 << 30

// collect is the ledger's page of a file that was read through one handle.
func (l *life) collect(r *dars.Release, on dars.Day) error {
	c := &dars.Collection{File: r.Files[0].ID, Release: r.ID, Agreement: r.Agreement, Person: l.person, Org: l.org, Size: fileBytes, Closed: dars.Ranges{}, Answered: dars.Ranges{}, Open: map[string]dars.Ranges{}, Key: "SHA256:" + strings.Repeat("k", 43), Client: "SSH-2.0-OpenSSH_9.2"}
	whole, at := dars.Range{To: fileBytes}, instant(on)
	c.Reserve("h", whole, at)
	if err := l.write(l.person, on, "sending", c); err != nil {
		return err
	}
	c.Settle("h", dars.Ranges{whole}, dars.Ranges{whole}, at)
	return l.write(l.person, on, "sent", c)
}

// close ends a case: the data are destroyed, and certified so.
func (l *life) close(g *dars.Agreement) error {
	c := &dars.Certificate{ID: dars.CertificateID(fmt.Sprintf("CERT-%06d", l.n)), Agreement: g.ID, Org: l.org, State: dars.CertIssued, Files: []dars.SentFile{}, Holders: []dars.OrgCode{l.org}, Issued: g.End.Add(1), Ended: g.End, Due: g.End.Add(14), Items: []dars.Destruction{}, Steps: []dars.Step{}}
	g.State, g.Ended, g.Certificate = dars.DeletionDue, g.End, c.ID
	if err := l.write(dars.ByClock, g.End.Add(1), "expire", g); err != nil {
		return err
	}
	for i, s := range []dars.CertificateState{dars.CertIssued, dars.CertReceived, dars.CertAccepted} {
		c.State = s
		if i > 0 {
			c.Received = g.End.Add(5)
		}
		if err := l.write(cora, g.End.Add(1+4*i), "certificate "+string(s), c); err != nil {
			return err
		}
	}
	g.State = dars.Closed
	return l.write(cora, g.End.Add(9), "certificate accept", g)
}

func instant(on dars.Day) time.Time {
	t, err := time.Parse(time.DateOnly, string(on))
	if err != nil {
		panic(err) // of our own making
	}
	return t.Add(12 * time.Hour)
}
