package documents

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// shortestRun is how many periods that follow one another are written as a range.
const shortestRun = 3

// periods writes the periods of a dataset: such as follow one another as a range, with
// the codes of the first and the last, since files are named by them.
//
//	201001, 201002, … 201412 ──▶ April 2010 to March 2015, monthly (201001 to 201412)
//	200199, 200299, 200399   ──▶ April 2001 to March 2004, yearly (200199 to 200399)
func periods(all []string) string {
	var said []string
	for len(all) > 0 {
		n := runOf(all)
		if n < shortestRun {
			said, all = append(said, all[0]), all[1:]
			continue
		}
		said, all = append(said, spanned(all[0], all[n-1])), all[n:]
	}
	return strings.Join(said, spansApart(said))
}

// spansApart is what stands between periods: a range has commas of its own.
func spansApart(said []string) string {
	for _, s := range said {
		if strings.Contains(s, ", ") {
			return "; "
		}
	}
	return ", "
}

// runOf is how many of the first periods follow one another.
func runOf(all []string) int {
	n := 1
	for n < len(all) && following(all[n-1]) != "" && all[n] == following(all[n-1]) {
		n++
	}
	return n
}

// codedPeriod is a year from April and to which of its months it goes, or that it is
// final (domain 7.2): 202005 is to August 2020, and 202099 is to March 2021.
var codedPeriod = regexp.MustCompile(`^([0-9]{4})(0[1-9]|1[0-2]|99)$`)

const finalYear = 99

func coded(period string) (year, month int) {
	m := codedPeriod.FindStringSubmatch(period)
	if m == nil {
		return 0, 0
	}
	year, _ = strconv.Atoi(m[1])
	month, _ = strconv.Atoi(m[2])
	return year, month
}

// following is the period that comes after one; "" where its name does not say.
func following(period string) string {
	switch year, month := coded(period); {
	case month == 0:
		return ""
	case month == finalYear:
		return fmt.Sprintf("%04d99", year+1)
	case month == 12:
		return fmt.Sprintf("%04d01", year+1)
	default:
		return fmt.Sprintf("%04d%02d", year, month+1)
	}
}

// spanned is a range in words. What goes to a month holds its year from April on.
func spanned(first, last string) string {
	from, month := coded(first)
	to, end := coded(last)
	how := "monthly"
	switch {
	case month == finalYear:
		how, end = "yearly", 12
	case month > 1:
		how = "monthly from " + monthOf(from, month)
	}
	return fmt.Sprintf("%s to %s, %s (%s to %s)", monthOf(from, 1), monthOf(to, end), how, first, last)
}

// monthOf is the month of a year that begins in April: "March 2015" is the twelfth of
// the year 2014.
func monthOf(year, month int) string {
	return time.Date(year, time.March+time.Month(month), 1, 0, 0, 0, 0, time.UTC).Format("January 2006")
}
