package main

import (
	"darsd/bench/figure"
)

// handOver adds the medians, by wall clock, to the figures of all benchmarks.
func handOver(figures figure.File, all []contestant, took map[string][]run, answers map[string]answer) error {
	plain := figure.Figure{Key: "extract/plain", Ours: median(took["darsd"]).wall.Seconds()}
	for _, peer := range []string{"duckdb", "polars", "encoding/csv", "miller", "mawk"} {
		if len(took[peer]) == 0 || answers[peer] != answers["darsd"] {
			plain.Missing = append(plain.Missing, peer)
		}
	}
	for _, c := range all {
		if !c.answers || c.name == "darsd" || answers[c.name] != answers["darsd"] {
			continue
		}
		if m := median(took[c.name]).wall.Seconds(); plain.Theirs == 0 || m < plain.Theirs {
			plain.Peer, plain.Theirs = c.name, m
		}
	}
	full := plain
	full.Key, full.Ours = "extract/full", median(took["darsd, whole package"]).wall.Seconds()
	return figures.Add(plain, full)
}
