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
	Items map[string]Pence `yaml:"items" json:"items"` // by code of ChargeItems; what is not in it is not charged
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
	{"2018/19", "2018-04-01", map[string]Pence{
		"new-application": 1030_00, "change": 820_00, "annual-review": 500_00, "dataset-year": 320_00, "dissemination": 930_00,
		"tabulation-table": 800_00, "portal-user-year": 3200_00, "sub-licence-year": 10000_00,
	}},
	{"July 2025", "2025-07-01", map[string]Pence{"new-application": 1320_00, "change": 1050_00, "annual-review": 640_00}},
	{"April 2026", "2026-04-01", map[string]Pence{"new-application": 1431_00, "change": 1138_00, "annual-review": 694_00}},
}

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

// PricesOn returns the list in force on a day, by its place among all.
func PricesOn(lists []PriceList, on Day) (int, error) {
	for i := len(lists) - 1; i >= 0; i-- {
		if lists[i].From <= on {
			return i, nil
		}
	}
	return 0, Refuse("no-price-list", on, "there is no price list for %s: the first, %s, is in force from %s; an office's own lists stand under policy.prices in its configuration", on.Long(), lists[0].Name, lists[0].From.Long())
}

// Asked is what a quote is for.
type Asked struct {
	Kind       string // new, or another
	Start, End Day    // of the agreement, both inclusive
	Datasets   []DatasetRequest
	Held       []DatasetRequest // what the agreement before it covers
	Told       map[string]int   // how much of an item, where the form does not say or says otherwise
}

// mostTold is more than anybody has asked for.
const mostTold = 10_000

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

// Price quotes for a request by the list in force on a day. What that list does not
// charge stands in the quote all the same, with nothing to pay, and says since when.
func Price(lists []PriceList, what Asked, on Day) (q Quote, err error) {
	at, err := PricesOn(lists, on)
	if err != nil {
		return q, err
	}
	for item, n := range what.Told {
		if n < 0 || n > mostTold {
			return q, Refuse("bad-quantity", item, "%s: %d is not a number from 0 to %d", item, n, mostTold)
		}
	}
	q = Quote{List: lists[at].Name, From: lists[at].From, On: on, Lines: []Charge{}}
	for _, line := range what.quantities() {
		if line.Quantity == 0 {
			continue
		}
		unit, charged := lists[at].Items[line.Item]
		if !charged {
			line.Why += "; " + notCharged(lists[:at+1], line.Item)
		}
		line.Unit, line.Amount = unit, unit*Pence(line.Quantity)
		q.Lines, q.Total = append(q.Lines, line), q.Total+line.Amount
	}
	return q, nil
}

// notCharged says since when an item is on no list any more.
func notCharged(lists []PriceList, item string) string {
	since := Day("")
	for _, l := range slices.Backward(lists) {
		if _, charged := l.Items[item]; charged {
			return "not charged since " + since.Long()
		}
		since = l.From
	}
	return "not charged"
}

// quantities are how much of each item is asked for, and why.
func (w Asked) quantities() (all []Charge) {
	add := func(item string, n int, why string, args ...any) {
		if told, ok := w.Told[item]; ok && told != n {
			n, why, args = told, "as the office was told: %d", []any{told}
		}
		all = append(all, Charge{Item: item, Quantity: n, Why: fmt.Sprintf(why, args...)})
	}
	if w.Kind == "new" || w.Kind == "" {
		add("new-application", 1, "a new application")
	} else {
		add("change", 1, "an application of the kind %s", w.Kind)
	}
	months := Months(w.Start, w.End)
	add("annual-review", Reviews(months), "a term of %d months, from %s to %s: one for each year that is begun after the first", months, w.Start, w.End)
	extracts, tables := false, 0
	for _, d := range w.Datasets {
		if strings.HasPrefix(d.Identifiability, "AGG_") {
			tables++
			continue
		}
		years := w.years(d)
		extracts = extracts || len(years) > 0
		add("dataset-year", len(years), "%s, years %s", d.Code, strings.Join(years, ", "))
	}
	deliveries := 0
	if extracts {
		deliveries = 1
	}
	if w.copies() {
		tables, deliveries = 0, 0
	}
	add("dissemination", deliveries, "all of it delivered once")
	add("tabulation-table", tables, "a table for each dataset that is asked for as a tabulation")
	add("portal-user-year", 0, "")
	add("sub-licence-year", 0, "")
	return all
}

// copies reports whether nothing new leaves: what is held is held longer.
func (w Asked) copies() bool { return is(w.Kind, "extension", "retention-only") }

// years are those of a dataset that are asked for and not held already. Periods are
// named by their year: "200199" is of 2001 (domain 7.2).
func (w Asked) years(d DatasetRequest) (all []string) {
	if w.copies() {
		return nil
	}
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
// in it.
func Months(start, end Day) (n int) {
	for n < 12*100 && start.AddMonths(n) <= end {
		n++
	}
	return n
}

// Reviews is how many annual reviews a term has: none for 12 months, one for 13 to
// 24, two for 25 (domain 17).
func Reviews(months int) int { return max(0, (months+11)/12-1) }

// An AgreedQuote is what was agreed of charges for a case before the work began.
type AgreedQuote struct {
	Application ApplicationID `json:"application"`
	Stem        string        `json:"ref"`
	Quote       Quote         `json:"quote"`
	By          PersonID      `json:"by"`
	On          Day           `json:"agreed_on"`
	Order       string        `json:"purchase_order,omitempty"` // its number with who pays
}

func (q *AgreedQuote) Card() Card {
	return Card{"quote", string(q.Application), "agreed", []Key{By("case", q.Stem), By("application", q.Application)}}
}

// Chargeable refuses an application whose charges cannot be agreed: that is possible
// from its acceptance, whose day fixes the prices, until the work is done.
func (p *Application) Chargeable() error {
	switch k := p.Clock; {
	case k.Started == "":
		return Refuse("not-accepted", p.ID(), "application %s is %s: its charges are agreed when it is accepted, by the price list of that day", p.ID(), p.State)
	case k.Stopped != "":
		return Refuse("too-late", p.ID(), "charges are agreed before the work, and application %s came to its end on %s: %s", p.ID(), k.Stopped, k.StoppedBy)
	}
	return nil
}

// Delivered is what is owed when data have been delivered: the quote, with each
// published release as a dissemination. One that was issued again is a new one.
func (q Quote) Delivered(unit Pence, releases []*Release) Quote {
	owed := q
	owed.Lines, owed.Total = []Charge{}, 0
	add := func(c Charge) { owed.Lines, owed.Total = append(owed.Lines, c), owed.Total+c.Amount }
	for _, c := range q.Lines {
		if c.Item != "dissemination" {
			add(c)
		}
	}
	for _, r := range releases {
		if r.Published == "" || r.Kind == "system-access" {
			continue
		}
		why := fmt.Sprintf("release %s, published on %s", r.ID, r.Published)
		if r.Reissues != "" {
			why += fmt.Sprintf(", which issues %s again", r.Reissues)
		}
		add(Charge{"dissemination", 1, unit, unit, why})
	}
	return owed
}
