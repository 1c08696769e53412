package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
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
	print := s.look("print CERTIFICATE", "write its PDF to standard output", exactly(1), func(c *call) error {
		if err := c.looked("paper of certificate", c.args[0]); err != nil {
			return err
		}
		return office.Deletion{Office: c.Office}.Print(c.ctx, c.act, dars.CertificateID(c.args[0]), returned, c.env.stdout)
	})
	print.Flags().BoolVar(&returned, "returned", false, "what came back, as it came")
	return group("certificate", "certificates of destruction",
		print,
		s.do("submit FILE", "hand in a filled-in CERT-nnnnnn.yaml or .pdf; - reads it", exactly(1), func(c *call) error {
			if c.s.person != nil && c.args[0] != "-" {
				return c.fromTray(c.args[0])
			}
			open, err := c.input(c.args[0])
			if err != nil {
				return err
			}
			f, err := open()
			if err != nil {
				return err
			}
			defer f.Close()
			text, err := io.ReadAll(f)
			if err != nil {
				return err
			}
			name := filepath.Base(c.args[0])
			got, err := office.Deletion{Office: c.Office}.Receive(c.ctx, c.act, office.One("submit", name, hexSHA256(text), fstest.MapFS{name: {Data: text}}), text)
			if err != nil {
				return err
			}
			return c.say(viewCertificate(got), "%s is received and waits for compliance", got.ID)
		}),
		step("accept CERTIFICATE", "say that everything is accounted for", "%s is accepted", office.Deletion.Accept),
		step("query CERTIFICATE", "ask the sender about it (--reason)", "%s is queried", office.Deletion.Query),
		step("reject CERTIFICATE", "send it back (--reason)", "%s is rejected", office.Deletion.Reject),
		s.look("show CERTIFICATE", "print a certificate, and what it does not cover", exactly(1), func(c *call) error {
			k, err := get(c, c.args[0], orgOfCertificate)
			if err != nil {
				return err
			}
			v := viewCertificate(k)
			facts := []any{"certificate", k.ID, "agreement", k.Agreement, "release", k.Release, "organisation", k.Org, "state", k.State, "due", k.Due, "missing", strings.Join(v.Missing, ", ")}
			for _, i := range v.Items {
				facts = append(facts, fmt.Sprintf("%s at %s", i.File, i.Holder), fmt.Sprintf("%s %s %s", i.Copy, i.Method, i.DestroyedOn))
			}
			return c.facts(v, facts...)
		}),
		s.look("list", "print all certificates", exactly(0), func(c *call) error {
			all, err := list(c, orgOfCertificate)
			if err != nil {
				return err
			}
			return items(c, all, "CERTIFICATE AGREEMENT ORG STATE DUE", func(k *dars.Certificate) []any { return []any{k.ID, k.Agreement, k.Org, k.State, k.Due} })
		}),
	)
}

// certificateView is a certificate as JSON: what it covers, and what it must.
type certificateView struct {
	ID        dars.CertificateID    `json:"id"`
	Agreement dars.AgreementID      `json:"agreement"`
	Release   dars.ReleaseID        `json:"release,omitempty"` // that was withdrawn; else all that was sent under the agreement
	Org       dars.OrgCode          `json:"org"`
	State     dars.CertificateState `json:"state"`
	Issued    dars.Day              `json:"issued"`
	Due       dars.Day              `json:"due"`
	Files     []dars.SentFile       `json:"files"`
	Items     []dars.Destruction    `json:"items"`
	Missing   []string              `json:"missing"`
	Note      string                `json:"note,omitempty"`
}

func viewCertificate(k *dars.Certificate) certificateView {
	items := k.Items
	if len(items) == 0 {
		items = k.Expected()
	}
	return certificateView{k.ID, k.Agreement, k.Release, k.Org, k.State, k.Issued, k.Due, k.Files, items, k.Missing(), k.Note}
}

func auditCommands(s *session) *cobra.Command {
	var trigger, agreement string
	open := s.do("open ORG", "trigger an audit (--reason)", exactly(1), func(c *call) error {
		id, err := office.Audits{Office: c.Office}.Open(c.ctx, c.act, dars.OrgCode(c.args[0]), dars.AgreementID(agreement), trigger)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id}, "%s of %s is triggered", id, c.args[0])
	})
	open.Flags().StringVar(&trigger, "trigger", "ROUTINE", "ROUTINE, INCIDENT, PORTAL_EXCESS, FOLLOW_UP or COMPLAINT")
	open.Flags().StringVar(&agreement, "agreement", "", "the agreement it is about")
	return group("audit", "audits of recipients",
		open,
		s.look("show AUDIT", "print an audit", exactly(1), func(c *call) error {
			u, err := get(c, c.args[0], onlyTheOffice[*dars.Audit])
			if err != nil {
				return err
			}
			return c.facts(u, "audit", u.ID, "organisation", u.Org, "agreement", u.Agreement, "state", u.State, "triggered", u.Triggered, "trigger", u.Trigger, "reason", u.Reason)
		}),
		s.look("list", "print all audits", exactly(0), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.Audit])
			if err != nil {
				return err
			}
			return items(c, all, "AUDIT ORG AGREEMENT STATE TRIGGERED TRIGGER", func(u *dars.Audit) []any { return []any{u.ID, u.Org, u.Agreement, u.State, u.Triggered, u.Trigger} })
		}),
	)
}

func reportCommands(s *session) *cobra.Command {
	return group("report", "reports for compliance",
		s.do("run compliance", "make today's compliance report now", exactly(1), func(c *call) error {
			if c.args[0] != "compliance" {
				return misuse{fmt.Errorf("there is no report %q: the one there is is compliance", c.args[0])}
			}
			id, made, err := office.Clock{Office: c.Office}.Report(c.ctx, c.act)
			if err != nil {
				return err
			}
			if !made {
				return c.say(map[string]any{"id": id, "made": false}, "%s is today's report already", id)
			}
			return c.say(map[string]any{"id": id, "made": true}, "%s is made; it lies under reports/", id)
		}),
		s.look("list", "print all reports", exactly(0), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.Report])
			if err != nil {
				return err
			}
			return items(c, all, "REPORT NAME DUE SINCE", func(r *dars.Report) []any { return []any{r.ID, r.Name, r.Due, r.From} })
		}),
	)
}

func hexSHA256(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
