package main

import (
	"errors"
	"strings"
	"testing"

	"darsd/bench/figure"
)

func TestRows(t *testing.T) {
	faster := figure.Aim{Key: "x/y", What: "a thing", Unit: "s", Times: 6}
	most := figure.Aim{Key: "x/y", What: "a thing", Unit: "ms", Bound: 100}
	least := figure.Aim{Key: "x/y", What: "a thing", Unit: "a second", More: true, Bound: 2000}
	for name, tt := range map[string]struct {
		aim    figure.Aim
		figure *figure.Figure
		err    error
		want   string
	}{
		"met":                {faster, &figure.Figure{Ours: 2, Peer: "duckdb", Theirs: 13}, nil, "| x/y: a thing | 2 s | duckdb 13 s | 6.50 | 6 times: met |"},
		"missed":             {faster, &figure.Figure{Ours: 2.5, Peer: "duckdb", Theirs: 13}, nil, "| x/y: a thing | 2.5 s | duckdb 13 s | 5.20 | 6 times: **missed** |"},
		"one peer missing":   {faster, &figure.Figure{Ours: 2, Peer: "duckdb", Theirs: 13, Missing: []string{"polars"}}, nil, "| x/y: a thing | 2 s | duckdb 13 s; missing: polars | 6.50 | 6 times: met |"},
		"no peer":            {faster, &figure.Figure{Ours: 2, Missing: []string{"duckdb", "polars"}}, nil, "| x/y: a thing | 2 s | none; missing: duckdb, polars |  | 6 times: no peer |"},
		"within a bound":     {most, &figure.Figure{Ours: 99.96}, nil, "| x/y: a thing | 100 ms | none |  | at most 100 ms: met |"},
		"beyond it":          {most, &figure.Figure{Ours: 1234}, nil, "| x/y: a thing | 1234 ms | none |  | at most 100 ms: **missed** |"},
		"enough":             {least, &figure.Figure{Ours: 2500, Peer: "nginx", Theirs: 5000}, nil, "| x/y: a thing | 2500 a second | nginx 5000 a second | 0.50 | at least 2000 a second: met |"},
		"failed":             {most, nil, errors.New("exit status 1"), "| x/y: a thing | failed: exit status 1 | | | at most 100 ms |"},
		"failed on the way":  {most, &figure.Figure{Ours: 5}, errors.New("exit status 1"), "| x/y: a thing | 5 ms | none |  | at most 100 ms: met |"},
		"silently left out":  {most, nil, nil, "| x/y: a thing | not measured | | | at most 100 ms |"},
		"a cell of its own":  {most, nil, errors.New("a|b\nc"), "| x/y: a thing | failed: a/b; c | | | at most 100 ms |"},
		"nothing was asked":  {figure.Aim{Key: "x/y", What: "a thing", Unit: "s"}, &figure.Figure{Ours: 5}, nil, "| x/y: a thing | 5 s | none |  |  |"},
		"a ratio of the bad": {figure.Aim{Key: "x/y", What: "a thing", Unit: "MiB/s", More: true, Times: 1.2}, &figure.Figure{Ours: 500, Peer: "OpenSSH", Theirs: 400}, nil, "| x/y: a thing | 500 MiB/s | OpenSSH 400 MiB/s | 1.25 | 1.2 times: met |"},
	} {
		t.Run(name, func(t *testing.T) {
			o := outcome{step: step{name: "x"}, figures: map[string]figure.Figure{}, err: tt.err}
			if tt.figure != nil {
				o.figures["x/y"] = *tt.figure
			}
			if got := strings.TrimSpace(row(tt.aim, o)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Each aim is of a benchmark that is run, and each benchmark that is run has aims.
func TestEachAimIsRun(t *testing.T) {
	b := bench{postgres: "postgres://localhost"}
	var all []outcome
	for _, s := range b.steps() {
		all = append(all, outcome{step: s, err: errors.New("exit status 1")})
	}
	page := report{[]string{"a machine"}, false, all}.String()
	for _, a := range figure.Aims {
		if strings.Count(page, "| "+a.Key+": ") != 1 {
			t.Errorf("%s is not on the page once:\n%s", a.Key, page)
		}
	}
	for _, s := range b.steps() {
		if !strings.Contains(page, "| "+s.name+"/") {
			t.Errorf("%s has no aim", s.name)
		}
		if s.timed != "" && !strings.HasPrefix(s.timed, s.name+"/") {
			t.Errorf("%s is timed for %s", s.name, s.timed)
		}
	}
}
