package dars_test

import (
	"testing"

	"darsd/dars"
)

func TestAListFollowsTheNewest(t *testing.T) {
	newest := &dars.List{ID: "OBJ-000001", Version: 1, AsAt: "2026-02-20", Numbers: 9}
	tests := map[string]struct {
		asAt    dars.Day
		numbers int
		newest  *dars.List
		rule    string
	}{
		"a newer one":             {"2026-03-01", 10, newest, ""},
		"of today":                {"2026-03-02", 10, newest, ""},
		"of the newest one's day": {"2026-02-20", 10, newest, ""},
		"the first one":           {"2020-01-01", 10, nil, ""},
		"of tomorrow":             {"2026-03-03", 10, newest, "list-in-future"},
		"a day older":             {"2026-02-19", 10, newest, "list-older"},
		"an empty one":            {"2026-03-01", 0, newest, "list-empty"},
		"an empty first one":      {"2026-03-01", 0, nil, "list-empty"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := &dars.List{ID: "OBJ-000002", Version: 2, AsAt: tt.asAt, Numbers: tt.numbers}
			was := facts(t, l)
			ruled(t, l.Follow(tt.newest, "2026-03-02"), tt.rule)
			if facts(t, l) != was {
				t.Errorf("looking left a trace: %s", facts(t, l))
			}
		})
	}
}

func TestAListIsFitForItsDays(t *testing.T) {
	tests := map[string]struct {
		on     dars.Day
		usable bool
		rule   string
	}{
		"on its day":              {"2026-03-01", true, ""},
		"21 days old":             {"2026-03-22", true, ""},
		"22 days old":             {"2026-03-23", true, "list-stale"},
		"over the change of hour": {"2026-04-01", true, "list-stale"},
		"not usable":              {"2026-03-01", false, "list-not-usable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := &dars.List{ID: "OBJ-000001", Version: 1, AsAt: "2026-03-01", Usable: tt.usable, WhyNot: "it shrank by 5 %"}
			ruled(t, l.Fit(tt.on, 21), tt.rule)
		})
	}
}
