package main

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
	"darsd/store"
)

// The office's people: each role once, but for case officers and members of DAAG.
var staff = []struct {
	login string
	role  dars.Role
}{
	{"carol", dars.CaseOfficer}, {"colin", dars.CaseOfficer}, {"iris", dars.IAO}, {"seth", dars.Secretary}, {"simone", dars.SIRO}, {"sven", dars.Signatory},
	{"priya", dars.Producer}, {"chen", dars.Checker}, {"signe", dars.Signer}, {"cora", dars.Compliance}, {"amir", dars.Auditor},
	{"mary", dars.Member}, {"milo", dars.Member}, {"mina", dars.Member}, {"lena", dars.Member},
}

// staffID is who stands so far down the list; the operator is before all of them.
func staffID(n int) dars.PersonID { return dars.PersonID(fmt.Sprintf("P-%06d", n+2)) }

// found makes the office: its sources and configuration, what darsd init makes, and
// then everybody and everything that is there on the first day.
func (s *soak) found(ctx context.Context) error {
	if err := os.MkdirAll(s.path("people"), 0o700); err != nil {
		return err
	}
	logins := []string{"olive"}
	for _, p := range staff {
		logins = append(logins, p.login)
	}
	for _, p := range s.parties {
		logins = append(logins, p.people[0].login, p.people[1].login)
	}
	keys := map[string]dars.PersonKey{}
	for _, login := range logins {
		key, err := s.makeKey(login)
		if err != nil {
			return err
		}
		keys[login] = key
	}
	if err := s.makeSources(); err != nil {
		return err
	}
	if err := os.WriteFile(s.path("soak.yaml"), []byte(s.configuration()), 0o600); err != nil {
		return err
	}
	eve := string(s.first.Add(-1)) + "T08:00"
	if _, err := s.command(ctx, "--at", eve, "init", "--rehearsal", "--operator", "olive", "--key", s.path("people/olive.pub"), "--from", s.path("soak.yaml")); err != nil {
		return err
	}
	var err error
	if s.store, err = store.Open(ctx, s.database()); err != nil {
		return err
	}
	return s.store.Do(ctx, func(tx *store.Tx) error {
		a := dars.Act{Who: staffID(0), At: instant(s.first.Add(-1)), Via: dars.SSH}
		for _, n := range s.nouns(keys) {
			if err := tx.Save(a, "made", n); err != nil {
				return err
			}
		}
		return nil
	})
}

func instant(on dars.Day) time.Time {
	t, err := time.Parse(time.DateOnly, string(on))
	if err != nil {
		panic(err) // of our own making
	}
	return t.Add(12 * time.Hour)
}

// makeKey writes somebody's key, and returns it as the office knows it.
func (s *soak) makeKey(login string) (dars.PersonKey, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return dars.PersonKey{}, err
	}
	block, err := ssh.MarshalPrivateKey(private, login)
	if err != nil {
		return dars.PersonKey{}, err
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		return dars.PersonKey{}, err
	}
	line := ssh.MarshalAuthorizedKey(public)
	known := dars.PersonKey{Fingerprint: ssh.FingerprintSHA256(public), Public: strings.TrimSpace(string(line)), AddedBy: staffID(0), AddedVia: dars.SSH, ConfirmedBy: staffID(1)}
	return known, errors.Join(os.WriteFile(s.path("people/"+login), pem.EncodeToMemory(block), 0o600), os.WriteFile(s.path("people/"+login+".pub"), line, 0o600))
}

// command runs the program beside the daemon, as an operator does.
func (s *soak) command(ctx context.Context, args ...string) (string, error) {
	var out, said strings.Builder
	c := exec.CommandContext(ctx, s.darsd, append([]string{"--data", s.office()}, args...)...)
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		return out.String(), fmt.Errorf("darsd %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(said.String()))
	}
	return out.String(), nil
}

// nouns are all that is there on the first day: nothing was released yet.
func (s *soak) nouns(keys map[string]dars.PersonKey) (all []dars.Noun) {
	const long dars.Day = "2014-01-01"
	for i, p := range staff {
		all = append(all, &dars.Person{ID: staffID(i), Org: dars.TheOffice, Login: p.login, Name: strings.ToUpper(p.login[:1]) + p.login[1:] + " of the office", Email: p.login + "@office.example", Roles: []dars.Role{p.role}, Keys: []dars.PersonKey{keys[p.login]}})
	}
	for n, p := range s.parties {
		all = append(all,
			&dars.Organisation{Code: p.code, Name: fmt.Sprintf("University hospital %d", n), State: dars.OrgActive, ICO: "Z1", ICOExpires: p.ico, Security: "DSPT", SecurityExpires: p.security},
			&dars.Contract{ID: p.contract, Org: p.code, State: dars.ContractInForce, Issued: long, Start: long, End: p.contractEnds, ConfirmedBy: []dars.PersonID{staffID(0), staffID(1)}, Hands: dars.Hands{}, CountersignedBy: staffID(5)})
		for i, c := range p.people {
			all = append(all, &dars.Person{ID: c.id, Org: p.code, Login: c.login, Name: fmt.Sprintf("Researcher %d of hospital %d", i+1, n), Email: c.login + "@" + strings.ToLower(string(p.code)) + ".example", Roles: []dars.Role{dars.Applicant, dars.Collector}, Keys: []dars.PersonKey{keys[c.login]}})
		}
	}
	for _, g := range s.held {
		all = append(all, g.nouns()...)
	}
	return all
}

// nouns are an agreement in force, and the application that it came from.
func (g *held) nouns() []dars.Noun {
	contact, recipients := g.recipients[0].id, []dars.PersonID{}
	for _, c := range g.recipients {
		recipients = append(recipients, c.id)
	}
	terms := []dars.DatasetRequest{{Code: dataset, Periods: periods(), Identifiability: "PSEUDO_ICO", Gateway: "HSCA261_1_2BII", Fields: []string{"SEEN", "WARD", "DIAG"}, Frequency: "ONGOING"}}
	if g.access {
		terms[0].Frequency = "SYSTEM_ACCESS"
	}
	title := fmt.Sprintf("Outcomes after a visit, study %d", g.n+1)
	p := &dars.Application{Stem: g.stem, Major: 1, Kind: "new", State: dars.Approved, Submitted: g.start.Add(-90), By: contact, Officer: staffID(0), Evidence: []dars.EvidenceFile{}, Actions: []dars.Action{}, AssessedBy: []dars.PersonID{}, Decisions: []dars.Decision{}, Hands: dars.Hands{},
		Form: dars.Form{Title: title, Organisation: g.of.code, ContactID: contact, Controllers: []dars.OrgCode{g.of.code}, Recipients: recipients, Start: g.start, End: g.end, Datasets: terms, Territory: "ENGLAND_WALES"}}
	return []dars.Noun{p, &dars.Agreement{ID: dars.AgreementID(g.id), Stem: g.stem, Version: "v1.0", Application: p.ID(), Title: title, Kind: "new", Org: g.of.code, Contact: contact, Recipients: recipients,
		Controllers: []dars.Signing{{Org: g.of.code, Contract: g.of.contract}}, Processors: []dars.OrgCode{}, Datasets: terms, Start: g.start, End: g.end, Issued: g.start.Add(-20), State: dars.InForce,
		ConfirmedBy: []dars.PersonID{staffID(0), staffID(1)}, Steps: []dars.Step{}, Hands: dars.Hands{}}}
}
