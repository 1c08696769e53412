package dars

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Pence is an amount of money. Charges are for the work and not for the data, and
// without VAT.
type Pence int64

// String is the amount as papers write it: "£1,030.00".
func (p Pence) String() string {
	pounds := strconv.FormatInt(int64(p/100), 10)
	for i := len(pounds) - 3; i > 0; i -= 3 {
		pounds = pounds[:i] + "," + pounds[i:]
	}
	return fmt.Sprintf("£%s.%02d", pounds, p%100)
}

var pounds = regexp.MustCompile(`^£(\d{1,3}(?:,\d{3}){1,2}|\d{1,7})(?:\.(\d\d))?$`)

// ParsePence reads an amount in pounds: £1,030 or £434.50. Without the sign nobody
// could say whether 103000 is pounds or pence.
func ParsePence(text string) (Pence, error) {
	m := pounds.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is not an amount such as £1,030 or £434.50", text)
	}
	whole, _ := strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 64) // at most nine digits
	part, _ := strconv.ParseInt("0"+m[2], 10, 64)
	return Pence(100*whole + part), nil
}

// A PriceList is what the office charges from a day on, until the next list.
type PriceList struct {
	Name  string           `yaml:"name" json:"name"`
	From  Day              `yaml:"from" json:"from"`
	Items map[string]Pence `yaml:"items" json:"items"`                     // by code of ChargeItems; what is not in it is not charged
	Ended map[string]Day   `yaml:"ended,omitempty" json:"ended,omitempty"` // since when some are not charged any more
}

// ChargeItems are what may be charged (domain 4.3).
var ChargeItems = []Code{
	{"new-application", "New application"},
	{"change", "Amendment, renewal or extension"},
	{"annual-review", "Annual review"},
	{"dataset-year", "Data, per dataset per year of data"},
	{"dissemination", "Dissemination"},
	{"tabulation-table", "Tabulation, per table"},
	{"portal-user-year", "Online portal, per user per year"},
	{"sub-licence-year", "Permission to sub-license, per year"},
}

// PublishedPrices are the lists of the service itself (domain 4.3). An office may
// have its own, under policy.prices.
var PublishedPrices = []PriceList{
	{Name: "2018/19", From: "2018-04-01", Items: map[string]Pence{
		"new-application": 1030_00, "change": 820_00, "annual-review": 500_00, "dataset-year": 320_00, "dissemination": 930_00,
		"tabulation-table": 800_00, "portal-user-year": 3200_00, "sub-licence-year": 10000_00,
	}},
	{Name: "July 2025", From: "2025-07-01", Items: map[string]Pence{"new-application": 1320_00, "change": 1050_00, "annual-review": 640_00}, Ended: endedIn2025},
	{Name: "April 2026", From: "2026-04-01", Items: map[string]Pence{"new-application": 1431_00, "change": 1138_00, "annual-review": 694_00}, Ended: endedIn2025},
}

// endedIn2025 is what the service charged for until then.
var endedIn2025 = map[string]Day{"dataset-year": "2025-07-01", "dissemination": "2025-07-01", "portal-user-year": "2025-07-01", "tabulation-table": "2025-07-01", "sub-licence-year": "2025-07-01"}

// CheckPrices says everything that is wrong with an office's own lists.
func CheckPrices(lists []PriceList) (wrong []error) {
	say := func(i int, format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("policy.prices: list %d: "+format, append([]any{i + 1}, args...)...))
	}
	for i, l := range lists {
		if strings.TrimSpace(l.Name) == "" {
			say(i, "name: quotes need the name of the list")
		}
		if _, err := ParseDay(string(l.From)); err != nil {
			say(i, "from: %v", err)
		}
		if i > 0 && l.From <= lists[i-1].From {
			say(i, "from: %s is not after %s: put the lists in order, the oldest first", l.From, lists[i-1].From)
		}
		if len(l.Items) == 0 {
			say(i, "items: there is none")
		}
	}
	return wrong
}

// PricesOn returns the list in force on a day.
func PricesOn(lists []PriceList, on Day) (PriceList, error) {
	for _, l := range slices.Backward(lists) {
		if l.From <= on {
			return l, nil
		}
	}
	return PriceList{}, Refuse("no-price-list", on, "there is no price list for %s: the first, %s, is in force from %s; an office's own lists stand under policy.prices in its configuration", on.Long(), lists[0].Name, lists[0].From.Long())
}

// Asked is what a quote is for.
type Asked struct {
	Kind         string // new, or another
	Start, End   Day    // of the agreement, both inclusive
	Datasets     []DatasetRequest
	Held         []DatasetRequest // what the agreement before it covers
	Users        int              // who would use what is granted access to
	Sublicensing bool             // whether data are to be passed on
	Instead      map[string]int   // how much of an item, by the office's word: it goes before the form's
}

// mostOfOne is more of one item than anybody has asked for.
const mostOfOne = 10_000

// A Charge is one line of a quote.
type Charge struct {
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
	Unit     Pence  `json:"unit_pence"`
	Amount   Pence  `json:"amount_pence"`
	Why      string `json:"why"`
}

// A Quote is what a request costs by one price list, line by line.
type Quote struct {
	List  string   `json:"list"`
	From  Day      `json:"list_from"`
	On    Day      `json:"on"` // the day whose list it is
	Lines []Charge `json:"lines"`
	Total Pence    `json:"total_pence"`
}

// Quote says what a request costs by this list on a day. What the list does not
// charge stands in the quote all the same, with nothing to pay, and says why.
func (l PriceList) Quote(what Asked, on Day) (q Quote, err error) {
	for item, n := range what.Instead {
		if n < 0 || n > mostOfOne {
			return q, Refuse("bad-quantity", item, "%s: %d is not a number from 0 to %d", Meaning(ChargeItems, item), n, mostOfOne)
		}
	}
	q = Quote{List: l.Name, From: l.From, On: on, Lines: []Charge{}}
	for _, line := range what.quantities() {
		unit, charged := l.Items[line.Item]
		if !charged {
			line.Why += "; " + l.notCharged(line.Item)
		}
		line.Unit, line.Amount = unit, unit*Pence(line.Quantity)
		q.Lines, q.Total = append(q.Lines, line), q.Total+line.Amount
	}
	return q, nil
}

// notCharged says why an item that is not on the list is not charged.
func (l PriceList) notCharged(item string) string {
	if since := l.Ended[item]; since != "" {
		return "not charged since " + since.Long()
	}
	return "not in the list " + l.Name
}

// quantities are how much of each item is asked for, and why: what the form
// says, or the office instead.
func (w Asked) quantities() (all []Charge) {
	all = append([]Charge{w.application(), w.reviews()}, w.data()...)
	all = append(all, w.access(), w.sublicence())
	for item, n := range w.Instead {
		why := fmt.Sprintf("%d, as the office has said", n)
		i := slices.IndexFunc(all, func(c Charge) bool { return c.Item == item })
		switch {
		case i < 0:
			all = append(all, Charge{Item: item, Quantity: n, Why: why})
		case all[i].Quantity != n:
			all[i].Quantity, all[i].Why = n, why
		}
	}
	return slices.DeleteFunc(all, func(c Charge) bool { return c.Quantity == 0 })
}

func (w Asked) application() Charge {
	if w.Kind == NewCase || w.Kind == "" {
		return Charge{Item: "new-application", Quantity: 1, Why: "a new application"}
	}
	return Charge{Item: "change", Quantity: 1, Why: "an application of the kind " + w.Kind}
}

func (w Asked) reviews() Charge {
	months := Months(w.Start, w.End)
	return Charge{Item: "annual-review", Quantity: Reviews(months), Why: fmt.Sprintf("a term of %d months, from %s to %s: one for each year that is begun after the first", months, w.Start, w.End)}
}

// data are the years of each dataset, how often something is delivered, and the
// tables. Datasets are delivered together: those that come oftenest say how often.
func (w Asked) data() (all []Charge) {
	delivered, tables := Charge{Item: "dissemination"}, Charge{Item: "tabulation-table", Why: "a table for each dataset that is asked for as a tabulation"}
	for _, d := range w.Datasets {
		switch {
		case d.access() || w.holdsOnly():
		case strings.HasPrefix(d.Identifiability, "AGG_"):
			tables.Quantity++
		default:
			years := w.years(d)
			all = append(all, Charge{Item: "dataset-year", Quantity: len(years), Why: fmt.Sprintf("%s, years %s", d.Code, strings.Join(years, ", "))})
			if n, why := w.deliveries(d); n > delivered.Quantity && (len(years) > 0 || d.comes()) {
				delivered.Quantity, delivered.Why = n, why
			}
		}
	}
	return append(all, delivered, tables)
}

// comes reports whether a dataset is delivered again and again: who renews that has
// deliveries to pay for, though no year of it is new.
func (d DatasetRequest) comes() bool {
	frequency, _ := coded(Frequencies, d.Frequency)
	return frequency == "ONGOING"
}

// everyMonths is how many months there are between two deliveries.
var everyMonths = map[string]int{"MONTHLY": 1, "QUARTERLY": 3, "ANNUAL": 12}

// deliveries is how often an extract comes within the term.
func (w Asked) deliveries(d DatasetRequest) (n int, why string) {
	interval, _ := coded(Intervals, d.Interval)
	every := everyMonths[interval]
	if !d.comes() || every == 0 {
		return 1, "all of it delivered once"
	}
	months := Months(w.Start, w.End)
	return (months + every - 1) / every, fmt.Sprintf("%s comes %s over %d months", d.Code, strings.ToLower(interval), months)
}

// access reports whether a dataset is looked at in a system, so that no file of it
// leaves.
func (d DatasetRequest) access() bool {
	frequency, _ := coded(Frequencies, d.Frequency)
	return frequency == "SYSTEM_ACCESS"
}

func (w Asked) access() Charge {
	c := Charge{Item: "portal-user-year"}
	if slices.ContainsFunc(w.Datasets, DatasetRequest.access) {
		users, years := max(1, w.Users), w.termYears()
		c.Quantity, c.Why = users*years, fmt.Sprintf("system access for %d people over %d years", users, years)
	}
	return c
}

func (w Asked) sublicence() Charge {
	c := Charge{Item: "sub-licence-year"}
	if w.Sublicensing {
		c.Quantity, c.Why = w.termYears(), "data are to be passed on: one for each year of the term"
	}
	return c
}

// termYears is how many years a term has, counting one that is begun.
func (w Asked) termYears() int { return (Months(w.Start, w.End) + 11) / 12 }

// holdsOnly reports whether nothing new leaves: what is held is held longer.
func (w Asked) holdsOnly() bool { return is(w.Kind, Extension, RetentionOnly) }

// years are those of a dataset that are asked for and not held already. Periods are
// named by their year: "200199" is of 2001 (domain 7.2).
func (w Asked) years(d DatasetRequest) (all []string) {
	held := map[string]bool{}
	for _, before := range w.Held {
		for _, p := range before.Periods {
			held[before.Code+" "+yearOf(p)] = true
		}
	}
	for _, p := range d.Periods {
		if year := yearOf(p); !slices.Contains(all, year) && !held[d.Code+" "+year] {
			all = append(all, year)
		}
	}
	return all
}

var fourDigits = regexp.MustCompile(`^\d{4}`)

// yearOf is the year that a period's name begins with; a period that is named
// otherwise is charged as a year of its own.
func yearOf(period string) string {
	if year := fourDigits.FindString(period); year != "" {
		return year
	}
	return period
}

// Months is how many months a term has, counting one that is begun: both days are
// in it. A month that is too short to have the day on which the term began ends
// with its last: a year from 29 February ends on 28 February.
func Months(start, end Day) (n int) {
	for n < 12*100 && monthBegins(start, n) <= end {
		n++
	}
	return n
}

// monthBegins is the first day of the month that follows the first n.
func monthBegins(start Day, n int) Day {
	day := start.AddMonths(n)
	if day.utc().Day() != start.utc().Day() {
		return day.Add(1)
	}
	return day
}

// Reviews is how many annual reviews a term has: none for 12 months, one for 13 to
// 24, two for 25 (domain 17).
func Reviews(months int) int { return max(0, (months+11)/12-1) }
