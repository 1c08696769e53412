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
//	DARS-NIC-000001-B1C2D-evidence-KIND.pdf  evidence that was asked for, or renewed
type reply struct {
	kind  string // enquiry, answer, withdrawal, evidence
	stem  string
	about string // the number of an action, or a kind of evidence
}

var (
	replyName   = regexp.MustCompile(`(?i)^(DARS-NIC-\d{4,7}-[0-9BCDFGHJKLMNPQRSTVWXYZ]{5})-(action|evidence|withdraw)(?:-([a-z0-9_ -]+?))?\.[a-z0-9]+$`)
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
	kinds := map[string]string{"action": "answer", "withdraw": "withdrawal", "evidence": "evidence"}
	return reply{kinds[strings.ToLower(m[2])], strings.ToUpper(m[1]), m[3]}, true
}

// takeReply does what a reply asks for, as if its sender had said it at the desk.
func (o Intake) takeReply(ctx context.Context, a dars.Act, in Arrived, v *dars.Verdict, keep func(*store.Tx) error) error {
	r, _ := replyIn(in.Name)
	content, err := whole(in)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(content), "\ufeff"))
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
			return dars.Refuse("bad-name", in.Name, "the name %s does not say which action it answers: %s-action-2.txt answers action 2", in.Name, r.stem)
		}
		return wing.AnswerAction(ctx, a, r.stem, n, text, func(tx *store.Tx, p *dars.Application) error {
			return kept(tx, p.Stem, r.about, fmt.Sprintf("your answer to action %d is received; an officer looks at it", n))
		})
	case "withdrawal":
		if err := dars.CheckText(r.stem, "why it is withdrawn", text); err != nil {
			return err
		}
		a.Why = text
		return wing.withdraw(ctx, a, r.stem, func(tx *store.Tx, p *dars.Application) error {
			return kept(tx, p.Stem, p.Version(), "the application is withdrawn")
		})
	}
	e := dars.Evidence{Kind: r.about, File: path.Base(in.Name)}
	_, err = wing.AddEvidence(ctx, a, r.stem, e, content, func(tx *store.Tx, p *dars.Application) error {
		return kept(tx, p.Stem, r.about, fmt.Sprintf("it is received as evidence file %d; an officer looks at it", len(p.Evidence)))
	})
	return err
}

// repliedTo reports whether a reply was to the same as another, by its verdict.
func repliedTo(v dars.Verdict, in Arrived) bool {
	r, _ := replyIn(in.Name)
	switch v.Kind {
	case "answer", "evidence":
		return v.Ref == r.stem && v.Version == r.about
	case "withdrawal":
		return v.Ref == r.stem
	}
	return true
}
