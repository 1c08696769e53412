package dars

import (
	"slices"
	"strings"
)

// Territories are where data may be used. Each holds those before it.
var Territories = []Code{
	{"ENGLAND_WALES", "England and Wales"},
	{"UK", "United Kingdom"},
	{"EEA", "European Economic Area and the United Kingdom"},
	{"WORLDWIDE", "Worldwide"},
	{"OTHER", "Other"},
}

// countries are those of each territory but the widest, as places name them.
var countries = [][]string{
	{"England", "Wales"},
	{"Scotland", "Northern Ireland", "United Kingdom", "UK"},
	{"Austria", "Belgium", "Bulgaria", "Croatia", "Cyprus", "Czechia", "Denmark", "Estonia", "Finland", "France", "Germany", "Greece",
		"Hungary", "Iceland", "Ireland", "Italy", "Latvia", "Liechtenstein", "Lithuania", "Luxembourg", "Malta", "Netherlands", "Norway",
		"Poland", "Portugal", "Romania", "Slovakia", "Slovenia", "Spain", "Sweden"},
}

// territory is the place in Territories of what a form says under territory: a
// code, its meaning, or words of its own, which are OTHER.
func territory(text string) int {
	code, ok := coded(Territories, strings.TrimSpace(text))
	if !ok {
		return len(Territories) - 1
	}
	return slices.Index(Codes(Territories), code)
}

// covers reports whether a territory holds a country. Of one in words of its own
// nobody can tell but a person, so it does.
func covers(text, country string) bool {
	has := territory(text)
	needs := slices.IndexFunc(countries, func(in []string) bool {
		return slices.ContainsFunc(in, func(c string) bool { return strings.EqualFold(c, country) })
	})
	if needs < 0 {
		needs = len(countries)
	}
	return needs <= has
}
