package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/extract"
)

// Count is Pack without writing, with the objections of further lists upheld as
// well. It makes no key of pseudonyms: a release that was made had one.
func (p packer) Count(ctx context.Context, o office.Packing, further ...*dars.List) (dars.Package, error) {
	o.KeyMade = true
	return p.pack(ctx, o, &sources{ctx: ctx, whole: true}, func(ctx context.Context, job extract.Job) (*extract.Result, error) {
		job.Quarantine, job.Progress = nil, nil // nothing is made, and nobody waits for it
		for _, l := range further {
			more, err := p.objections(l)
			if err != nil {
				return nil, err
			}
			job.Objections = extract.Union(job.Objections, more)
		}
		return extract.Count(ctx, job)
	})
}

func resumeCommand(s *session) *cobra.Command {
	return s.do("resume RELEASE", "let a frozen one be finished after all (--reason)", exactly(1), func(c *call) error {
		return c.told(office.Releases{Office: c.Office}.Resume(c.ctx, c.act, dars.ReleaseID(c.args[0])), "%s is no longer frozen", c.args[0])
	})
}

// lateView is what became of a release under objections that came when it was
// published. Who decided, why, and how many rows it is about is for the office
// alone.
type lateView struct {
	State       dars.LateState     `json:"state"`
	Since       *time.Time         `json:"since,omitempty"`
	Tried       int                `json:"list_version"`     // the newest that was tried
	Trying      int                `json:"trying,omitempty"` // that is being tried: it is held meanwhile
	Certificate dars.CertificateID `json:"certificate,omitempty"`
	RebuiltAs   dars.ReleaseID     `json:"rebuilt_as,omitempty"`

	Cause   dars.LateCause `json:"cause,omitempty"`
	Why     string         `json:"why,omitempty"`
	Rows    *int64         `json:"rows,omitempty"`
	Decided dars.PersonID  `json:"decided_by,omitempty"`
	Reason  string         `json:"reason,omitempty"`
}

func viewLate(r *dars.Release, inside bool) *lateView {
	l := r.Late
	if l == nil {
		return nil
	}
	v := &lateView{State: l.State, Tried: l.Tried, Certificate: l.Certificate, RebuiltAs: l.RebuiltAs}
	if r.IsTrying() {
		v.Trying = l.Trying
	}
	if !l.Since.IsZero() {
		v.Since = &l.Since
	}
	if inside && l.Cause != "" {
		v.Cause, v.Why, v.Rows, v.Decided, v.Reason = l.Cause, office.WhyLate(l), &l.Rows, l.Decided, l.Reason
	}
	return v
}

// lateFacts are the same as label and value.
func (c *call) lateFacts(v releaseView) (facts []any) {
	if b := v.Rebuilds; b != nil {
		facts = append(facts, "takes the place of", fmt.Sprintf("%s: %s", b.Of, b.Because))
	}
	l := v.Late
	if l == nil {
		return facts
	}
	if l.Tried > 0 {
		facts = append(facts, "tried on", fmt.Sprintf("objections list version %d", l.Tried))
	}
	if l.Trying > 0 {
		facts = append(facts, "held", fmt.Sprintf("while objections list version %d is tried on it", l.Trying))
	}
	if l.State == dars.Untouched {
		return facts
	}
	facts = append(facts, "late objections", fmt.Sprintf("%s since %s", l.State, l.Since.In(c.Calendar.Zone).Format("2006-01-02 15:04")))
	if l.Why != "" {
		facts = append(facts, "because", l.Why)
	}
	if l.Decided != "" {
		facts = append(facts, "decided by", fmt.Sprintf("%s: %s", c.names()(l.Decided), l.Reason))
	}
	if l.Certificate != "" {
		facts = append(facts, "certificate", l.Certificate)
	}
	if l.RebuiltAs != "" {
		facts = append(facts, "made again as", l.RebuiltAs)
	}
	return facts
}
