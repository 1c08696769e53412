package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func certificateCommands(s *session) *cobra.Command {
	step := func(use, about, said string, act func(office.Deletion, context.Context, dars.Act, dars.CertificateID) error) *cobra.Command {
		return s.do(use, about, exactly(1), func(c *call) error {
			return c.told(act(office.Deletion{Office: c.Office}, c.ctx, c.act, dars.CertificateID(c.args[0])), said, c.args[0])
		})
	}
	var returned bool
	var page pageOf
	printing := s.look("print CERTIFICATE", "write its PDF to standard output", exactly(1), func(c *call) error {
		if asked, err := page.asked(); asked || err != nil {
			if err == nil && !returned {
				err = misuse{errors.New("--page shows what came back: say --returned too")}
			}
			if err != nil {
				return err
			}
			return page.show(c, c.args[0], office.CertificateReturns...)
		}
		return office.Deletion{Office: c.Office}.Print(c.ctx, c.act, dars.CertificateID(c.args[0]), returned, c.env.stdout, func(look string) error {
			kind, ref, _ := strings.Cut(look, " ")
			return c.looked(kind, ref)
		})
	})
	page.flags(printing)
	printing.Flags().BoolVar(&returned, "returned", false, "what came back, as it came")
	return group("certificate", "certificates of destruction",
		printing,
		s.do("submit FILE", "hand in a filled-in CERT-nnnnnn.yaml or .pdf; - reads it", exactly(1), (*call).submitCertificate),
		step("accept CERTIFICATE", "say that everything is accounted for", "%s is accepted", office.Deletion.Accept),
		step("query CERTIFICATE", "ask the sender about it (--reason)", "%s is queried", office.Deletion.Query),
		step("reject CERTIFICATE", "send it back (--reason)", "%s is rejected", office.Deletion.Reject),
		s.look("show CERTIFICATE", "print a certificate, and what of it is missing or wrong", exactly(1), func(c *call) error {
			k, err := get(c, c.args[0], orgOfCertificate)
			if err != nil {
				return err
			}
			v := viewCertificate(k, c.Calendar.Day(c.act.At))
			form, err := office.Deletion{Office: c.Office}.Returned(c.ctx, c.act, k.ID)
			if err != nil {
				return err
			}
			v.Said = viewReturned(form)
			return c.facts(v, append(v.facts(), v.Said.facts()...)...)
		}),
		listCertificates(s),
	)
}

// submitCertificate takes in a form. What is wrong with it is told at once, line by
// line.
func (c *call) submitCertificate() error {
	if c.s.person != nil && c.args[0] != "-" {
		return c.fromTray(c.args[0])
	}
	name, text, err := c.whole(c.args[0])
	if err != nil {
		return err
	}
	got, err := office.Deletion{Office: c.Office}.Receive(c.ctx, c.act, office.One("submit", name, hexSHA256(text), fstest.MapFS{name: {Data: text}}), text)
	if err != nil {
		return err
	}
	v := viewCertificate(got, c.Calendar.Day(c.act.At))
	if got.ToType() && got.Printed.SHA256 == hexSHA256(text) {
		return c.say(v, "%s is received on paper, and waits for somebody of the office to type in what it says", got.ID)
	}
	if got.State == dars.CertQueried {
		said := fmt.Sprintf("%s is queried; mend these points and hand it in again:", got.ID)
		for _, p := range got.Points {
			said += "\n  " + p.String()
		}
		return c.say(v, "%s", said)
	}
	return c.say(v, "%s is received and waits for compliance", got.ID)
}

// whole reads a file that was named, or what comes in behind "-".
func (c *call) whole(arg string) (name string, text []byte, err error) {
	open, err := c.input(arg)
	if err != nil {
		return "", nil, err
	}
	f, err := open()
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	text, err = io.ReadAll(f)
	return filepath.Base(arg), text, err
}

// aPage is how many lines a long list has, unless all are asked for.
const aPage = 200

func listCertificates(s *session) *cobra.Command {
	var overdue, whole bool
	cmd := s.look("list", "print the newest certificates, --all or those --overdue", exactly(0), func(c *call) error {
		on := c.Calendar.Day(c.act.At)
		all, more, err := c.certificates(on, overdue, whole)
		if err != nil {
			return err
		}
		err = items(c, all, "CERTIFICATE AGREEMENT ORG STATE DUE OVERDUE", func(k *dars.Certificate) []any {
			return []any{k.ID, k.Agreement, k.Org, k.State, k.Due, k.DaysOver(on)}
		})
		if err == nil && more {
			fmt.Fprintf(c.env.stderr, "darsd: these are the newest %d; --all prints those before them as well\n", aPage)
		}
		return err
	})
	cmd.Flags().BoolVar(&overdue, "overdue", false, "only those that were due and have not come")
	cmd.Flags().BoolVar(&whole, "all", false, "every one, and not only the newest 200; --json prints every one as well")
	return cmd
}

// certificates are those that a list is asked for. more says that there are others,
// before them.
func (c *call) certificates(on dars.Day, overdue, whole bool) (all []*dars.Certificate, more bool, err error) {
	switch {
	case overdue:
		for _, state := range []dars.CertificateState{dars.CertIssued, dars.CertReceived, dars.CertQueried, dars.CertRejected} {
			some, err := list(c, orgOfCertificate, dars.By("state", state))
			if err != nil {
				return nil, false, err
			}
			all = append(all, slices.DeleteFunc(some, func(k *dars.Certificate) bool { return !k.Overdue(on) })...)
		}
		slices.SortFunc(all, func(a, b *dars.Certificate) int { return cmp.Compare(a.ID, b.ID) })
		return all, false, nil
	case whole || c.json:
		all, err = list(c, orgOfCertificate)
		return all, false, err
	}
	return office.Newest[dars.Certificate](c.ctx, office.Desk{Office: c.Office}, c.act.Who, aPage)
}

// certificateView is a certificate as JSON: what it covers, and what it must.
type certificateView struct {
	ID          dars.CertificateID    `json:"id"`
	Agreement   dars.AgreementID      `json:"agreement"`
	Release     dars.ReleaseID        `json:"release,omitempty"`    // that was withdrawn; else all that was sent under the agreement
	Scope       []string              `json:"scope,omitempty"`      // what of the files, if not all
	Cause       dars.DestructionCause `json:"cause,omitempty"`      // why else, while the agreement goes on
	ByRelease   dars.ReleaseID        `json:"by_release,omitempty"` // the release that has led to it by its publication
	Org         dars.OrgCode          `json:"org"`
	State       dars.CertificateState `json:"state"`
	Issued      dars.Day              `json:"issued"`
	Due         dars.Day              `json:"due"`
	DaysOver    int                   `json:"days_overdue"`
	Holders     []dars.OrgCode        `json:"holders"`
	Files       []dars.SentFile       `json:"files"`
	Items       []dars.Destruction    `json:"items"`
	Missing     []string              `json:"missing"`
	Points      []dars.Mistake        `json:"points"` // in which what came back is not as it should be
	Note        string                `json:"note,omitempty"`
	BackupUntil dars.Day              `json:"backup_until,omitempty"` // interim until this day
	Said        *returnedView         `json:"returned,omitempty"`     // to the office: what stands on the paper that came in
}

func viewCertificate(k *dars.Certificate, on dars.Day) certificateView {
	items := k.Items
	if len(items) == 0 {
		items = k.Expected()
	}
	return certificateView{ID: k.ID, Agreement: k.Agreement, Release: k.Release, Scope: k.Scope, Cause: k.Cause, ByRelease: k.By, Org: k.Org, State: k.State, Issued: k.Issued, Due: k.Due, DaysOver: k.DaysOver(on),
		Holders: k.Holders, Files: k.Files, Items: items, Missing: k.Missing(), Points: append([]dars.Mistake{}, k.Points...), Note: k.Note, BackupUntil: k.BackupEnd}
}

// facts are the same on screen, a line each.
func (v certificateView) facts() []any {
	facts := []any{"certificate", v.ID, "agreement", v.Agreement, "release", v.Release, "organisation", v.Org, "state", v.State, "due", v.Due}
	if v.Cause != "" {
		facts = append(facts, "because", fmt.Sprintf("%s %s", v.ByRelease, dars.Meaning(dars.DestructionCauses, string(v.Cause))))
	}
	for _, part := range v.Scope {
		facts = append(facts, "only", "what the files hold of "+part)
	}
	if v.DaysOver > 0 {
		facts = append(facts, "overdue", fmt.Sprintf("%d days", v.DaysOver))
	}
	facts = append(facts, "missing", strings.Join(v.Missing, ", "), "backup until", v.BackupUntil, "asked", oneLine(v.Note))
	for _, p := range v.Points {
		facts = append(facts, "to mend", p.String())
	}
	for _, i := range v.Items {
		says := fmt.Sprintf("%s %s %s %s", i.Copy, i.Medium, i.Method, i.DestroyedOn)
		if i.HeldUnder != "" {
			says = i.Copy + " kept under " + i.HeldUnder
		}
		facts = append(facts, fmt.Sprintf("%s at %s", i.File, i.Holder), strings.Join(strings.Fields(says), " "))
	}
	return facts
}
