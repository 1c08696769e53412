package dars

import "fmt"

// A GatewaySpan is from when on, and perhaps until when, a legal gateway is there in
// law: nobody can apply under an Act before it is one.
type GatewaySpan struct {
	Gateway string // a code of Gateways
	From    Day    // its first day
	Until   Day    // its last day; "" for one that is in force
	Source  string // of the dates
}

// GatewaySpans are those of all gateways. Where nobody knows for certain from which day
// on a section was in force, the gateway begins with the day on which its Act was passed:
// earlier it cannot have been.
var GatewaySpans = []GatewaySpan{
	{"HSCA261_1_2BII", "2013-04-01", "", inForce2013},
	{"HSCA261_2A", "2013-04-01", "", inForce2013},
	{"HSCA261_2C", "2013-04-01", "", inForce2013},
	{"HSCA261_4", "2013-04-01", "", inForce2013},
	{"HSCA261_5D", "2013-04-01", "", inForce2013},
	{"HSCA261_7", "2013-04-01", "", inForce2013},
	{"HSCA261_OTHER", "2013-04-01", "", inForce2013},
	{"NHSA251_REG2", "2007-03-01", "", "National Health Service Act 2006, s277(1)"},
	{"NHSA251_REG5", "2007-03-01", "", "National Health Service Act 2006, s277(1)"},
	{"COPI_REG3", "2002-06-01", "", "S.I. 2002/1438, regulation 1(1)"},
	{"SRSA39", "2007-12-01", "", "S.I. 2007/3388, article 2(f)"},
	{"SRSA42_4", "2007-07-26", "", "Statistics and Registration Service Act 2007, passed on 26 July 2007"},
	{"SRSA45C", "2017-04-27", "", "Digital Economy Act 2017, s80, passed on 27 April 2017"},
	{"HA2009_36", "2009-11-12", "", "Health Act 2009, passed on 12 November 2009"},
	{"NAA1983", "1983-05-13", "", "National Audit Act 1983, passed on 13 May 1983"},
	{"HSCA_SCH12", "2012-03-27", "", "Health and Social Care Act 2012, passed on 27 March 2012"},
}

// Part 9 of the Act, with the body that it made.
const inForce2013 = "Health and Social Care Act 2012, Part 9, with which the Information Centre was established on 1 April 2013"

// GatewayDates are the dates of all gateways, for printing.
func GatewayDates() (all []Code) {
	for _, s := range GatewaySpans {
		span := "from " + string(s.From)
		if s.Until != "" {
			span += " until " + string(s.Until)
		}
		all = append(all, Code{s.Gateway, span + ": " + s.Source})
	}
	return all
}

// notOn says why a gateway is none on a day, or "".
func (s GatewaySpan) notOn(on Day) string {
	switch {
	case on < s.From:
		return fmt.Sprintf("%s is a legal gateway only from %s (%s), and this is %s", s.Gateway, s.From, s.Source, on)
	case s.Until != "" && on > s.Until:
		return fmt.Sprintf("%s was a legal gateway until %s (%s), and this is %s", s.Gateway, s.Until, s.Source, on)
	}
	return ""
}

// CheckGateways says which datasets name a gateway that is not there in law on a day.
func (f *Form) CheckGateways(on Day) (wrong []Mistake) {
	for i, d := range f.Datasets {
		for _, s := range GatewaySpans {
			if why := s.notOn(on); s.Gateway == d.Gateway && why != "" {
				wrong = append(wrong, Mistake{Field: gatewayOf(i), Says: why + ": name one that is there", Rule: "gateway-not-in-law"})
			}
		}
	}
	return wrong
}

// waysOut says which datasets name a gateway that is not for what is asked.
func (f *Form) waysOut() (wrong []Mistake) {
	for i, d := range f.Datasets {
		if says := d.wayOut(); says != "" {
			wrong = append(wrong, Mistake{Field: gatewayOf(i), Says: says, Rule: "gateway-not-for-identifiable"})
		}
	}
	return wrong
}

func gatewayOf(dataset int) string { return fmt.Sprintf("datasets[%d].gateway", dataset) }

// byGateway refuses what is asked for by a gateway that is none, or not for it: once more
// after it came in, since what was handed in long ago was held to the rules of its day.
func (p *Application) byGateway(on Day) error {
	for _, m := range append(p.Form.waysOut(), p.Form.CheckGateways(on)...) {
		return Refuse(m.Rule, p.ID(), "application %s, %s; refer it back to be mended: darsd application refer-back %s --reason '...'", p.ID(), m, p.Stem)
	}
	return nil
}
