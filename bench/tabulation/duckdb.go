package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"darsd/disclosure"
)

//go:embed duckdb.mjs
var duckdbScript []byte

// An answer of DuckDB: how long it took at the median, and how many records, or
// persons where persons are asked for, all its cells together have.
type answer struct {
	Seconds float64
	Total   int
}

// duckdb asks DuckDB the same, and holds what it counted against ours. It returns the
// seconds that each took; nil where DuckDB is missing or counted otherwise.
func (b *bench) duckdb(peers, dir string, ours [][]disclosure.Count) (seconds []float64, err error) {
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(peers, "node_modules", "@duckdb/node-api"))
	}
	if err != nil {
		fmt.Print("DuckDB is missing: npm install @duckdb/node-api\n\n")
		return nil, nil
	}
	script := filepath.Join(peers, "darsd-bench-tabulation.mjs") // beside node_modules, or it is not found; overwritten each time
	if err := os.WriteFile(script, duckdbScript, 0o644); err != nil {
		return nil, err
	}
	var queries []string
	for _, a := range asked {
		queries = append(queries, a.sql)
	}
	args, err := json.Marshal(map[string]any{"source": b.source, "file": filepath.Join(dir, "duck.db"), "runs": b.runs, "queries": queries})
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(node, script, string(args))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("DuckDB: %w", err)
	}
	var said struct {
		Load    float64
		Answers []answer
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return nil, err
	}
	fmt.Printf("DuckDB, without control or objections, after %.1f s of loading; median of %d, s:\n\n", said.Load, b.runs)
	differs := false
	for i, a := range asked {
		same := "the same records"
		if n := ours[i][len(ours[i])-1].N; a.request.Count == disclosure.Records && n != said.Answers[i].Total {
			same = fmt.Sprintf("%d records, and ours are %d", said.Answers[i].Total, n)
		} else if a.request.Count == disclosure.Persons {
			if same = "the same persons"; n != said.Answers[i].Total {
				same = fmt.Sprintf("%d persons, and ours are %d", said.Answers[i].Total, n)
			}
		}
		fmt.Printf("%-44s %8.2f  %s\n", a.name, said.Answers[i].Seconds, same)
		seconds, differs = append(seconds, said.Answers[i].Seconds), differs || !strings.HasPrefix(same, "the same")
	}
	fmt.Println()
	if differs {
		return nil, nil
	}
	return seconds, nil
}
