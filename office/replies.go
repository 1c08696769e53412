package office

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// A reply is a file in submit/ whose name says what it is about, for those who
// have SFTP and nothing else:
//
//	enquiry.txt                              a question, before any application
//	DARS-NIC-000001-B1C2D-action-2.txt       the answer to an action
//	DARS-NIC-000001-B1C2D-withdraw.txt       the application is taken back, and why
//	DARS-NIC-000001-B1C2D-undo-withdraw.txt  that was a mistake, and why
//	DARS-NIC-000001-B1C2D-evidence-KIND.pdf  evidence that was asked for, or renewed
//	DARS-NIC-000001-B1C2D-benefits.yaml      what came of the data
//
// The reference may have its version, as in -v1.0-action-2.txt, and small letters.
type reply struct {
	kind  string // enquiry, answer, withdrawal, undoing, evidence, benefits
	ref   string // of the application
	about string // the number of an action, or a kind of evidence
}

var (
	replyName   = regexp.MustCompile(`(?i)^((?:DARS-)?NIC-\d{4,7}-[0-9BCDFGHJKLMNPQRSTVWXYZ]{5}(?:-v\d{1,2}(?:\.\d{1,2})?)?)-(action|evidence|undo|withdraw|benefits)(?:-([a-z0-9_ -]+?))?\.[a-z0-9]+$`)
	enquiryName = regexp.MustCompile(`(?i)^enquiry\b.*\.txt$`)
)

// replyIn reads a file's name.
func replyIn(name string) (r reply, is bool) {
	name = path.Base(name)
	if enquiryName.MatchString(name) {
		return reply{kind: "enquiry"}, true
	}
	m := replyName.FindStringSubmatch(name)
	if m == nil {
		return r, false
	}
	kinds := map[string]string{"action": "answer", "withdraw": "withdrawal", "undo": "undoing", "evidence": "evidence", "benefits": "benefits"}
	return reply{kinds[strings.ToLower(m[2])], m[1], m[3]}, true
}

// takeReply does what a reply asks for, as if its sender had said it at the desk.
func (o Intake) takeReply(ctx context.Context, a dars.Act, in Arrived, v *dars.Verdict, keep func(*store.Tx) error) error {
	r, _ := replyIn(in.Name)
	content, err := whole(in)
	if err != nil {
		return err
	}
	if r.kind == "benefits" {
		return o.takeBenefits(ctx, a, in, r.ref, content, v, keep)
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(content), "\ufeff"))
	if ending := strings.ToLower(path.Ext(in.Name)); r.kind != "evidence" && ending != ".txt" {
		return dars.Refuse("no-text", in.Name, "%s is to be read as words: send it as plain text, in a file whose name ends in .txt; a paper goes as evidence", in.Name)
	}
	wing := Applications(o)
	kept := func(tx *store.Tx, ref, version, reason string) error {
		v.Verdict, v.Ref, v.Version, v.Reason = dars.VerdictAccepted, ref, version, reason
		return keep(tx)
	}
	switch r.kind {
	case "enquiry":
		_, err := wing.Enquire(ctx, a, dars.Enquiry{Text: text}, func(tx *store.Tx, e *dars.Enquiry) error {
			return kept(tx, string(e.ID), "", "your enquiry is received as "+string(e.ID))
		})
		return err
	case "answer":
		n, err := strconv.Atoi(r.about)
		if err != nil {
			return dars.Refuse("bad-name", in.Name, "the name %s does not say which action it answers: %s-action-2.txt answers action 2", in.Name, r.ref)
		}
		return wing.AnswerAction(ctx, a, r.ref, n, text, func(tx *store.Tx, p *dars.Application) error {
			return kept(tx, p.Stem, r.about, fmt.Sprintf("your answer to action %d is received; an officer looks at it", n))
		})
	case "undoing":
		if err := dars.CheckText(r.ref, "why it is undone", text); err != nil {
			return err
		}
		a.Why = text
		return wing.Undo(ctx, a, r.ref, strings.ToLower(r.about), func(tx *store.Tx, p *dars.Application) error {
			return kept(tx, p.Stem, p.Version(), "the application is "+strings.ReplaceAll(string(p.State), "-", " ")+", as if it had not been withdrawn")
		})
	case "withdrawal":
		if err := dars.CheckText(r.ref, "why it is withdrawn", text); err != nil {
			return err
		}
		a.Why = text
		return wing.withdraw(ctx, a, r.ref, func(tx *store.Tx, p *dars.Application) error {
			return kept(tx, p.Stem, p.Version(), "the application is withdrawn")
		})
	}
	e := dars.Evidence{Kind: r.about, File: path.Base(in.Name)}
	_, err = wing.AddEvidence(ctx, a, r.ref, e, content, func(tx *store.Tx, p *dars.Application) error {
		return kept(tx, p.Stem, r.about, fmt.Sprintf("it is received as evidence file %d; an officer looks at it", len(p.Evidence)))
	})
	return err
}

// repliedTo reports whether a reply that was taken in is still the answer: to an
// action that was not opened again since, to an enquiry that still waits.
func repliedTo(tx *store.Tx, v dars.Verdict, in Arrived) bool {
	r, _ := replyIn(in.Name)
	if v.Kind == "enquiry" {
		e, err := store.Get[dars.Enquiry](tx, v.Ref)
		return err == nil && e.State == dars.EnquiryOpen
	}
	if v.Kind == "benefits" {
		return true
	}
	p, err := atWork(tx, r.ref)
	if err != nil || p.Stem != v.Ref {
		return false
	}
	switch v.Kind {
	case "answer":
		n, _ := strconv.Atoi(r.about)
		return v.Version == r.about && n >= 1 && n <= len(p.Actions) && p.Actions[n-1].State != dars.ActionOpen
	case "evidence":
		return v.Version == r.about
	}
	if v.Kind == "undoing" {
		return p.State != dars.TakenBack
	}
	return p.State == dars.TakenBack
}
