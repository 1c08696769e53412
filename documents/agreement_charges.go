package documents

import "darsd/dars"

// chargesOf says in an agreement what it costs, line by line with the reason of
// each, and when it is to be paid.
func chargesOf(d *Doc, f dars.AgreementFacts) {
	d.Section("Charges")
	if f.Charges == nil {
		d.Paras("charges not agreed")
		return
	}
	d.Paras("charges")
	chargeTable(d, *f.Charges, f.Policy.VAT)
	d.Paras("when charges fall due")
}

// chargedWords are what the words of an agreement may name of its charges.
type chargedWords struct {
	List, Total, Review string // of the review "", if none is charged
	AtStart             bool   // nothing is delivered that could be the occasion
	On, Agreed          dars.Day
	Reviews             []string // the days of the annual reviews
	Days                int
	VAT                 string // "VAT at 20%", or in the office's words why none is added
	Taxed               bool   // it is added
}

func wordsOfCharges(f dars.AgreementFacts) (w chargedWords) {
	if f.Charges == nil {
		return w
	}
	w = chargedWords{List: f.Charges.List, On: f.Charges.On, Days: dars.PayWithin, VAT: f.Policy.VAT.String(), Taxed: f.Policy.VAT.Rate > 0}
	if f.Charges.AtDelivery().Total > 0 {
		w.Total = f.Charges.Total.String()
		w.AtStart = f.Agreement.Kind != dars.NewCase && f.Charges.DeliversNothing()
	}
	if f.Agreed != nil {
		w.Agreed = f.Agreed.On
	}
	review := f.Charges.Each("annual-review")
	if review == 0 {
		return w
	}
	w.Review = review.String()
	for _, day := range f.Agreement.Anniversaries() {
		w.Reviews = append(w.Reviews, day.Long())
	}
	return w
}
