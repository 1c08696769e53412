package dars

import "strconv"

// PeopleCount is how many people there are, as it may be published: none is said as it
// is, one to seven are hidden, and any other count is rounded to the nearest five
// (domain 7.9). Counts of requests, files or organisations are not about patients, and
// are shown as they are.
func PeopleCount(n int) string {
	switch {
	case n <= 0:
		return "0"
	case n <= 7:
		return "*"
	}
	return strconv.Itoa((n + 2) / 5 * 5)
}
