package main

import (
	"fmt"
	"strings"

	"darsd/bench/figure"
)

// A report is the page of all figures.
type report struct {
	machine []string
	quick   bool
	all     []outcome
}

// String is the page, in Markdown: one row for each aim of the benchmarks that ran.
func (r report) String() string {
	var b strings.Builder
	b.WriteString("# Figures\n\n")
	if r.quick {
		b.WriteString("Small sizes, to try the command: nothing here is to be quoted.\n\n")
	}
	b.WriteString("Written by `bench/run`. Every benchmark runs against its peers in the same run; a ratio is how\nmany times as good ours is as the fastest peer that gave a correct answer.\n\n")
	for _, line := range r.machine {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	b.WriteString("\n| what | ours | fastest correct peer | ratio | aim |\n|---|---|---|---|---|\n")
	for _, o := range r.all {
		for _, a := range figure.Aims {
			if benchmark, _, _ := strings.Cut(a.Key, "/"); benchmark == o.name {
				b.WriteString(row(a, o))
			}
		}
	}
	b.WriteString("\n| benchmark | size | measured on | minutes |\n|---|---|---|---|\n")
	for _, o := range r.all {
		fmt.Fprintf(&b, "| %s | %s | %s | %.1f |\n", o.name, o.size, o.on, o.took.Minutes())
	}
	return b.String()
}

// row is one aim, and what came of it.
func row(a figure.Aim, o outcome) string {
	f, measured := o.figures[a.Key]
	if !measured || f.Ours == 0 {
		why := "not measured"
		if o.err != nil {
			why = "failed: " + strings.NewReplacer("|", "/", "\n", "; ").Replace(o.err.Error())
		}
		return fmt.Sprintf("| %s: %s | %s | | | %s |\n", a.Key, a.What, why, asked(a))
	}
	peer, ratio, word := "none", "", ""
	if f.Theirs > 0 {
		peer, ratio = fmt.Sprintf("%s %s", f.Peer, amount(f.Theirs, a.Unit)), fmt.Sprintf("%.2f", a.Ratio(f))
	}
	if len(f.Missing) > 0 {
		peer += "; missing: " + strings.Join(f.Missing, ", ")
	}
	if word = asked(a); word != "" {
		switch {
		case a.Times > 0 && f.Theirs == 0:
			word += ": no peer"
		case a.Met(f):
			word += ": met"
		default:
			word += ": **missed**"
		}
	}
	return fmt.Sprintf("| %s: %s | %s | %s | %s | %s |\n", a.Key, a.What, amount(f.Ours, a.Unit), peer, ratio, word)
}

// asked is what an aim asks, in words.
func asked(a figure.Aim) string {
	switch {
	case a.Times > 0:
		return fmt.Sprintf("%.3g times", a.Times)
	case a.Bound > 0 && a.More:
		return "at least " + amount(a.Bound, a.Unit)
	case a.Bound > 0:
		return "at most " + amount(a.Bound, a.Unit)
	}
	return ""
}

// amount has three digits that matter.
func amount(n float64, unit string) string {
	if n >= 100 {
		return fmt.Sprintf("%.0f %s", n, unit)
	}
	return fmt.Sprintf("%.3g %s", n, unit)
}
