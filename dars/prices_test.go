package dars_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"darsd/dars"
)

// years are periods of a dataset, one for each year from one on.
func years(code string, from, n int) dars.DatasetRequest {
	d := dars.DatasetRequest{Code: code, Identifiability: "PSEUDO_ICO"}
	for i := range n {
		d.Periods = append(d.Periods, fmt.Sprintf("%d99", from+i))
	}
	return d
}

func coming(interval string) dars.DatasetRequest {
	d := years("HES_APC", 2010, 1)
	d.Frequency, d.Interval = "ONGOING", interval
	return d
}

func looking(frequency string) dars.DatasetRequest {
	d := years("HES_APC", 2010, 5)
	d.Frequency = frequency
	return d
}

// price quotes by the published list of a day.
func price(asked dars.Asked, on dars.Day) (dars.Quote, error) {
	list, err := dars.PricesOn(dars.PublishedPrices, on)
	if err != nil {
		return dars.Quote{}, err
	}
	return list.Quote(asked, on)
}

// Worked cases of domain 17, and more.
func TestQuotes(t *testing.T) {
	three := []dars.DatasetRequest{years("HES_APC", 2010, 5), years("HES_OP", 2010, 5), years("HES_AE", 2010, 5)}
	tests := map[string]struct {
		asked dars.Asked
		on    dars.Day
		lines string // item quantity x unit
		total dars.Pence
	}{
		"three datasets of five years": {dars.Asked{Kind: "new", Start: "2018-04-01", End: "2019-03-31", Datasets: three}, "2018-04-01",
			"new-application 1x103000, dataset-year 5x32000, dataset-year 5x32000, dataset-year 5x32000, dissemination 1x93000", 6760_00},
		"for three years": {dars.Asked{Kind: "new", Start: "2018-04-01", End: "2021-03-31", Datasets: three}, "2025-06-30",
			"new-application 1x103000, annual-review 2x50000, dataset-year 5x32000, dataset-year 5x32000, dataset-year 5x32000, dissemination 1x93000", 7760_00},
		"by the list of July 2025": {dars.Asked{Kind: "new", Start: "2025-07-01", End: "2028-06-30", Datasets: three[:1]}, "2025-07-01",
			"new-application 1x132000, annual-review 2x64000, dataset-year 5x0, dissemination 1x0", 2600_00},
		"its last day": {dars.Asked{Kind: "new", Start: "2026-04-01", End: "2027-03-31"}, "2026-03-31", "new-application 1x132000", 1320_00},
		"by the list of April 2026": {dars.Asked{Kind: "", Start: "2026-04-01", End: "2027-04-01"}, "2026-04-01",
			"new-application 1x143100, annual-review 1x69400", 2125_00},
		"a renewal of the same, with one year more": {dars.Asked{Kind: "renewal", Start: "2019-04-01", End: "2020-03-31", Datasets: []dars.DatasetRequest{years("HES_APC", 2010, 6)}, Held: three}, "2019-04-01",
			"change 1x82000, dataset-year 1x32000, dissemination 1x93000", 2070_00},
		"a renewal of what comes each quarter, and is held": {dars.Asked{Kind: "renewal", Start: "2019-04-01", End: "2020-03-31", Datasets: []dars.DatasetRequest{coming("QUARTERLY")}, Held: []dars.DatasetRequest{coming("QUARTERLY")}}, "2019-04-01",
			"change 1x82000, dissemination 4x93000", 820_00 + 4*930_00},
		"an amendment of what is held": {dars.Asked{Kind: "amendment", Start: "2019-04-01", End: "2020-03-31", Datasets: three, Held: three}, "2019-04-01", "change 1x82000", 820_00},
		"an extension":                 {dars.Asked{Kind: "extension", Start: "2019-04-01", End: "2020-03-31", Datasets: three}, "2019-04-01", "change 1x82000", 820_00},
		"retention only, for 25 months": {dars.Asked{Kind: "retention-only", Start: "2019-04-01", End: "2021-04-01", Datasets: three}, "2019-04-01",
			"change 1x82000, annual-review 2x50000", 1820_00},
		"periods of one year": {dars.Asked{Kind: "new", Start: "2019-04-01", End: "2020-03-31",
			Datasets: []dars.DatasetRequest{{Code: "HES_APC", Identifiability: "IDENT", Periods: []string{"201904", "201905", "201999", "pilot"}}}}, "2019-04-01",
			"new-application 1x103000, dataset-year 2x32000, dissemination 1x93000", 2600_00},
		"two tabulations": {dars.Asked{Kind: "new", Start: "2019-04-01", End: "2020-03-31",
			Datasets: []dars.DatasetRequest{{Code: "A", Identifiability: "AGG_SUPPRESSED", Periods: []string{"2019"}}, {Code: "B", Identifiability: "AGG_UNSUPPRESSED", Periods: []string{"2019"}}}}, "2019-04-01",
			"new-application 1x103000, tabulation-table 2x80000", 2630_00},
		"monthly over 36 months": {dars.Asked{Kind: "new", Start: "2018-04-01", End: "2021-03-31", Datasets: []dars.DatasetRequest{coming("MONTHLY"), years("HES_OP", 2010, 1)}}, "2018-04-01",
			"new-application 1x103000, annual-review 2x50000, dataset-year 1x32000, dataset-year 1x32000, dissemination 36x93000", 1030_00 + 1000_00 + 640_00 + 36*930_00},
		"quarterly, and a month more": {dars.Asked{Kind: "new", Start: "2018-04-01", End: "2018-07-31", Datasets: []dars.DatasetRequest{coming("QUARTERLY")}}, "2018-04-01",
			"new-application 1x103000, dataset-year 1x32000, dissemination 2x93000", 1030_00 + 320_00 + 2*930_00},
		"system access for three, for 13 months": {dars.Asked{Kind: "new", Start: "2018-04-01", End: "2019-04-30", Users: 3, Datasets: []dars.DatasetRequest{looking("SYSTEM_ACCESS")}}, "2018-04-01",
			"new-application 1x103000, annual-review 1x50000, portal-user-year 6x320000", 1030_00 + 500_00 + 6*3200_00},
		"to be passed on for two years": {dars.Asked{Kind: "extension", Start: "2018-04-01", End: "2020-03-31", Sublicensing: true}, "2018-04-01",
			"change 1x82000, annual-review 1x50000, sub-licence-year 2x1000000", 820_00 + 500_00 + 20000_00},
		"as the office was told": {dars.Asked{Kind: "new", Start: "2019-04-01", End: "2020-03-31", Datasets: three[:1],
			Instead: map[string]int{"dissemination": 4, "portal-user-year": 3, "sub-licence-year": 1, "tabulation-table": 0}}, "2019-04-01",
			"new-application 1x103000, dataset-year 5x32000, dissemination 4x93000, portal-user-year 3x320000, sub-licence-year 1x1000000", 25950_00},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			q, err := price(tt.asked, tt.on)
			ruled(t, err, "")
			var lines []string
			var sum dars.Pence
			for _, c := range q.Lines {
				lines = append(lines, fmt.Sprintf("%s %dx%d", c.Item, c.Quantity, c.Unit))
				sum += c.Amount
				if c.Why == "" || c.Amount != c.Unit*dars.Pence(c.Quantity) || strings.Contains(c.Why, "%!") {
					t.Errorf("the line is %+v", c)
				}
				if gone := strings.Contains(c.Why, "; not charged since 1 July 2025"); gone != (c.Unit == 0) {
					t.Errorf("it is charged, or does not say since when it is not: %+v", c)
				}
			}
			if got := strings.Join(lines, ", "); got != tt.lines || q.Total != tt.total || sum != tt.total {
				t.Errorf("the quote is %s: %s\nwant %s: %s", got, q.Total, tt.lines, tt.total)
			}
		})
	}
}

func TestQuotesThatAreRefused(t *testing.T) {
	_, err := price(dars.Asked{Kind: "new"}, "2018-03-31")
	ruled(t, err, "no-price-list")
	if !strings.Contains(err.Error(), "31 March 2018") || !strings.Contains(err.Error(), "2018/19, is in force from 1 April 2018") {
		t.Error(err)
	}
	for _, n := range []int{-1, 10_001} {
		_, err := price(dars.Asked{Kind: "new", Instead: map[string]int{"dissemination": n}}, "2019-04-01")
		ruled(t, err, "bad-quantity")
	}
	own := []dars.PriceList{{Name: "ours", From: "2020-01-01", Items: map[string]dars.Pence{"change": 100}}}
	q, err := own[0].Quote(dars.Asked{Kind: "new", Start: "2020-01-01", End: "2020-12-31"}, "2020-01-01")
	ruled(t, err, "")
	if len(q.Lines) != 1 || q.Total != 0 || !strings.HasSuffix(q.Lines[0].Why, "; not in the list ours") {
		t.Errorf("what was never charged: %+v", q)
	}
}

// 13 months are one review and 25 are two: each year that is begun after the first.
func TestAnnualReviews(t *testing.T) {
	tests := map[string]struct {
		start, end      dars.Day
		months, reviews int
	}{
		"a day":                        {"2026-04-01", "2026-04-01", 1, 0},
		"a year":                       {"2026-04-01", "2027-03-31", 12, 0},
		"a year and a day":             {"2026-04-01", "2027-04-01", 13, 1},
		"13 months":                    {"2026-04-01", "2027-04-30", 13, 1},
		"two years":                    {"2026-04-01", "2028-03-31", 24, 1},
		"two years and a day":          {"2026-04-01", "2028-04-01", 25, 2},
		"three years":                  {"2026-04-01", "2029-03-31", 36, 2},
		"a year from a leap day":       {"2024-02-29", "2025-02-27", 12, 0},
		"to its last of February":      {"2020-02-29", "2021-02-28", 12, 0},
		"a day more":                   {"2020-02-29", "2021-03-01", 13, 1},
		"a month from its last":        {"2026-01-31", "2026-02-28", 1, 0},
		"a year from a month's last":   {"2026-01-31", "2027-01-30", 12, 0},
		"no term":                      {"2026-04-01", "2026-03-31", 0, 0},
		"a century, or a slip in both": {"1926-04-01", "2126-03-31", 1200, 99},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if m := dars.Months(tt.start, tt.end); m != tt.months || dars.Reviews(m) != tt.reviews {
				t.Errorf("%d months and %d reviews, want %d and %d", m, dars.Reviews(m), tt.months, tt.reviews)
			}
		})
	}
}

func TestPence(t *testing.T) {
	tests := map[string]struct {
		text  string
		pence dars.Pence
		says  string
	}{
		"thousands":           {"£1,030", 103000, "£1,030.00"},
		"without the comma":   {"£1030", 103000, "£1,030.00"},
		"with pence":          {"£434.50", 43450, "£434.50"},
		"ten thousand":        {"£10,000.05", 1000005, "£10,000.05"},
		"a million":           {"£1,000,000", 100000000, "£1,000,000.00"},
		"nothing":             {"£0", 0, "£0.00"},
		"pence only":          {"£0.07", 7, "£0.07"},
		"no sign":             {"1030", -1, ""},
		"one decimal":         {"£434.5", -1, ""},
		"less than nothing":   {"£-1", -1, ""},
		"a comma that is off": {"£10,30", -1, ""},
		"beyond all":          {"£99999999", -1, ""},
		"euros":               {"€1", -1, ""},
		"no amount":           {"", -1, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := dars.ParsePence(tt.text)
			if (err != nil) != (tt.pence < 0) || err == nil && (got != tt.pence || got.String() != tt.says) {
				t.Errorf("%q is %d, %s: %v", tt.text, got, got, err)
			}
		})
	}
}

// Only what is in the list of items can be on a price list, and each is there.
func TestThePublishedPricesAreLists(t *testing.T) {
	if wrong := dars.CheckPrices(dars.PublishedPrices); len(wrong) > 0 {
		t.Error(wrong)
	}
	for _, l := range dars.PublishedPrices {
		for item, amount := range l.Items {
			if dars.Meaning(dars.ChargeItems, item) == item || amount <= 0 {
				t.Errorf("%s has %s for %s", l.Name, item, amount)
			}
		}
	}
	for _, item := range dars.Codes(dars.ChargeItems) {
		if _, charged := dars.PublishedPrices[0].Items[item]; !charged {
			t.Errorf("%s was never charged", item)
		}
	}
}

// What is owed at delivery counts each release that was published, and one that
// was issued again no second time.
func TestOwedAtDelivery(t *testing.T) {
	q, err := price(dars.Asked{Kind: "new", Start: "2018-04-01", End: "2019-03-31", Datasets: []dars.DatasetRequest{years("HES_APC", 2010, 1)}}, "2018-04-01")
	ruled(t, err, "")
	was := q
	account := dars.Account{Quote: q, Releases: []*dars.Release{{ID: "REL-000001", Kind: "extract", Published: "2018-06-01"}, {ID: "REL-000002", Kind: "extract"},
		{ID: "REL-000003", Kind: "extract", Published: "2018-07-02", Reissues: "REL-000001"}, {ID: "REL-000004", Kind: "system-access", Published: "2018-07-03"}}}
	owed := account.Owed("2018-07-04")
	if owed.Total != 1030_00+320_00+930_00 || len(owed.Lines) != 3 || owed.Lines[2].Why != "release REL-000003, published on 2018-07-02, in place of REL-000001" {
		t.Errorf("owed is %+v", owed)
	}
	if !reflect.DeepEqual(q, was) {
		t.Errorf("the quote has become %+v", q)
	}
}

func TestWhenChargesCanBeAgreed(t *testing.T) {
	p := accepted(t, 14, "2016-03-24")
	ruled(t, p.Chargeable(), "")
	p.StopClock("first access", "2016-03-29")
	ruled(t, p.Chargeable(), "too-late")
	p.State, p.Clock = dars.Submitted, dars.SLA{}
	ruled(t, p.Chargeable(), "not-accepted")
}
