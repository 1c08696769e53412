package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// How patients' objections are treated: the matrix, and what two people decide instead.

func overrideCommands(s *session) []*cobra.Command {
	var to dars.ObjectionsTerm
	propose := s.do("objections AGREEMENT", "propose that objections be treated otherwise (--reason)", exactly(1), func(c *call) error {
		if to.Dataset == "" || to.Treatment == "" || to.Reason == "" {
			return misuse{errors.New("say --dataset, --treatment upheld or not-upheld, and --code; darsd process --objections lists the codes")}
		}
		id, err := office.Agreements{Office: c.Office}.Override(c.ctx, c.act, c.args[0], to)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id, "ref": c.args[0], "dataset": to.Dataset, "treatment": to.Treatment, "code": to.Reason},
			"%s is proposed: objections %s in %s, because of %s; it waits for the SIRO or compliance", id, spoken(to.Treatment), to.Dataset, to.Reason)
	})
	f := propose.Flags()
	f.StringVar(&to.Dataset, "dataset", "", "the dataset's code")
	f.StringVar((*string)(&to.Treatment), "treatment", "", "upheld or not-upheld")
	f.StringVar(&to.Reason, "code", "", "the coded reason, such as N_CAG_DISAPPLIED")
	confirm := s.do("objections-confirm OVERRIDE", "confirm such a proposal; not who made it (--reason)", exactly(1), func(c *call) error {
		return c.told(office.Agreements{Office: c.Office}.ConfirmOverride(c.ctx, c.act, dars.OverrideID(c.args[0])), "%s is confirmed: it stands on the agreement, and holds for what is planned from now on", c.args[0])
	})
	return []*cobra.Command{propose, confirm}
}

// spoken is a treatment in a sentence.
func spoken(t dars.Treatment) string {
	return cmp.Or(strings.ReplaceAll(string(t), "-", " "), "upheld")
}

// termView is what an agreement says of objections for one dataset, as JSON.
type termView struct {
	dars.ObjectionsTerm
	Why string `json:"why"`
}

// objectionsOf is how objections are treated under an agreement.
func (c *call) objectionsOf(g *dars.Agreement) (terms []termView) {
	terms = []termView{}
	for _, d := range g.Datasets {
		t := g.Treats(c.Policy.Uphold, d.Code)
		terms = append(terms, termView{t, t.Why()})
	}
	return terms
}

// objectionsFacts are the same as label and value.
func objectionsFacts(terms []termView) (facts []any) {
	label := "objections"
	for _, t := range terms {
		line := t.Dataset + ": " + spoken(t.Treatment)
		if t.Treatment == dars.NotUpheld {
			line += fmt.Sprintf(", %s (%s)", t.Why, t.Reason)
		}
		if t.By == "undecided" {
			line += "; the matrix leaves it to two people to decide otherwise"
		}
		if strings.HasPrefix(t.By, "OVR-") {
			line += ", by " + t.By
		}
		facts, label = append(facts, label, line), ""
	}
	return facts
}

// upheldFacts is how objections were treated in a release.
func (c *call) upheldFacts(v releaseView) (facts []any) {
	u := v.Objections
	switch {
	case u.Treatment == "":
		return nil
	case u.Treatment == dars.NotUpheld:
		facts = append(facts, "objections", fmt.Sprintf("not upheld: %s (%s)", dars.Meaning(dars.ObjectionReasons, u.Reason), u.Reason))
		if u.ConfirmedBy != "" {
			against := "no list"
			if u.Against != nil {
				against = fmt.Sprintf("list version %d as at %s", u.Against.Version, u.Against.Date)
			}
			facts = append(facts, "", fmt.Sprintf("confirmed by %s, against %s", c.names()(u.ConfirmedBy), against))
		}
	case u.ListVersion == 0:
		facts = append(facts, "objections", "upheld")
	default:
		facts = append(facts, "objections", fmt.Sprintf("%s, list version %d as at %s", u.Treatment, u.ListVersion, u.ListDate))
	}
	return facts
}

// printMatrix prints whose objections are upheld.
func (c *call) printMatrix() error {
	return items(c, dars.Matrix, "DATA GATEWAYS OBJECTIONS BECAUSE", func(m dars.MatrixRow) []any {
		treated := spoken(m.Treatment)
		switch {
		case m.Decide:
			treated += ", until two people decide"
		case m.Treatment == dars.NotUpheld:
			treated += ": " + m.Reason
		}
		return []any{cmp.Or(strings.Join(m.Identifiability, ", "), "any"), cmp.Or(strings.Join(m.Gateways, ", "), "any"), treated, m.Because}
	})
}
