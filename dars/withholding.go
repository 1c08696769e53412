package dars

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A Withholding is the decision that some words of a case are not published, on a ground
// and for a reason. The words are left out of every text of the case, in every version; the
// ground stands where they stood. The reason stays in the office: it would often tell them.
//
//	withheld ──▶ disclosed
type Withholding struct {
	ID     WithholdingID    `json:"id"`
	Case   string           `json:"case"`   // its stem
	Words  string           `json:"words"`  // found in every spelling
	Ground string           `json:"ground"` // of Exemptions
	State  WithholdingState `json:"state"`
	By     PersonID         `json:"by"`
	On     Day              `json:"on"`
	Why    string           `json:"why"`

	DisclosedBy PersonID `json:"disclosed_by,omitempty"`
	Disclosed   Day      `json:"disclosed,omitempty"`
	WhyNoMore   string   `json:"why_no_more,omitempty"`
}

// A WithholdingID names one: "WHD-000001".
type WithholdingID string

// A WithholdingState says whether the words are left out.
type WithholdingState string

const (
	WordsWithheld  WithholdingState = "withheld"
	WordsDisclosed WithholdingState = "disclosed"
)

// WithholdingLife is every step of such a decision.
var WithholdingLife = Life[WithholdingState]{WordsWithheld: {WordsDisclosed}}

func (w *Withholding) Card() Card {
	return Card{"withholding", string(w.ID), string(w.State), []Key{By("case", w.Case)}}
}

// fewestLetters is how many letters words have at least: shorter ones would be found in
// others.
const fewestLetters = 4

// Check refuses one that says too little, or no ground or reason.
func (w *Withholding) Check() error {
	if !slices.Contains(Codes(Exemptions), w.Ground) {
		return Refuse("no-ground", w.Case, "--ground %q: words are withheld on one of the grounds %s", shortened(w.Ground), join(Codes(Exemptions)))
	}
	letters := strings.FieldsFunc(w.Words, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len([]rune(strings.Join(letters, ""))) < fewestLetters {
		return Refuse("too-short", w.Case, "%q: name the words that are withheld, with at least %d letters, as they stand in the text", shortened(w.Words), fewestLetters)
	}
	if strings.TrimSpace(w.Why) == "" {
		return Refuse("no-reason", w.Case, "say with --reason why the public interest in these words does not outweigh the ground")
	}
	return CheckText(w.Case, "the reason", w.Why)
}

// Disclose lets the words be published after all.
func (w *Withholding) Disclose(a Act, on Day) error {
	state, err := WithholdingLife.Step(w, w.State, WordsDisclosed)
	if err != nil {
		return err
	}
	if strings.TrimSpace(a.Why) == "" {
		return Refuse("no-reason", w.ID, "%s: say with --reason why the words are published after all", w.ID)
	}
	w.State, w.DisclosedBy, w.Disclosed, w.WhyNoMore = state, a.Who, on, a.Why
	return nil
}

// outOf is a text without the words, however they are spelt.
func (w *Withholding) outOf(f foldText) foldText {
	words := Folded(w.Words)
	if w.State != WordsWithheld || words == "" || !strings.Contains(f.plain, words) {
		return f
	}
	return f.replaced(regexp.MustCompile(regexp.QuoteMeta(words)), withheldBefore+Meaning(Exemptions, w.Ground)+withheldAfter)
}

// LeftOut reports whether something that is published is another without the words.
func LeftOut(w *Withholding, published func(Unsaid) any) bool {
	return !reflect.DeepEqual(published(Unsaid{}), published(Unsaid{Words: []*Withholding{w}}))
}

// SortWithheld puts the longest words first: what stands in longer ones is left out with
// them.
func SortWithheld(all []*Withholding) {
	slices.SortFunc(all, func(a, b *Withholding) int {
		return cmp.Or(cmp.Compare(len(b.Words), len(a.Words)), cmp.Compare(a.ID, b.ID))
	})
}
