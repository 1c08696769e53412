package main

import (
	"time"

	"darsd/bench/figure"
)

// mostSessions is the measure of which the memory counts too.
const mostSessions = "sftp/sessions-1000"

// handOver adds the medians to the figures of all benchmarks.
func (m measure) handOver(figures figure.File, ours, theirs []run) error {
	one := figure.Figure{Key: m.key, Ours: m.rate(ours), Peer: "OpenSSH", Theirs: m.rate(theirs)}
	if m.key != mostSessions {
		return figures.Add(one)
	}
	memory := func(runs []run) float64 {
		return float64(median(runs, func(r run) int64 { return r.server.memory })) / (1 << 20)
	}
	return figures.Add(one, figure.Figure{Key: "sftp/memory", Ours: memory(ours), Peer: "OpenSSH", Theirs: memory(theirs)})
}

// rate is MiB a second, or how often a second.
func (m measure) rate(runs []run) float64 {
	took := median(runs, func(r run) time.Duration { return r.took }).Seconds()
	if m.bytes > 0 {
		return float64(m.bytes) / (1 << 20) / took
	}
	return float64(m.times) / took
}
