package figure_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"darsd/bench/figure"
)

func TestFiguresAreHandedOver(t *testing.T) {
	f := figure.File(filepath.Join(t.TempDir(), "figures"))
	if all, err := f.Read(); err != nil || len(all) != 0 {
		t.Fatalf("before anything: %v, %v", all, err)
	}
	one := figure.Figure{Key: "extract/plain", Ours: 2, Peer: "duckdb", Theirs: 7, Missing: []string{"polars"}}
	two := figure.Figure{Key: "sftp/download", Ours: 500}
	for _, some := range [][]figure.Figure{{one}, {two}, nil} {
		if err := f.Add(some...); err != nil {
			t.Fatal(err)
		}
	}
	all, err := f.Read()
	if want := map[string]figure.Figure{one.Key: one, two.Key: two}; err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("got %v, %v", all, err)
	}
	if err := f.Add(figure.Figure{Key: "extract/other"}); err == nil {
		t.Error("a figure of which nobody asks anything is taken")
	}
	if err := figure.File("").Add(figure.Figure{Key: "extract/other"}); err != nil {
		t.Errorf("where nothing is collected: %v", err)
	}
}

// Each aim is measured by a benchmark: its key, or what it is put together from, stands in
// the benchmark's own text.
func TestEachAimIsMeasured(t *testing.T) {
	for _, a := range figure.Aims {
		name, of, _ := strings.Cut(a.Key, "/")
		if name == "postgres" {
			name = "scale"
		}
		if _, err := os.Stat("../" + name); err != nil {
			t.Errorf("%s: there is no such benchmark", a.Key)
		}
		texts, _ := filepath.Glob("../" + name + "/*.go")
		texts = append(texts, "../all/steps.go")
		found := false
		for _, text := range texts {
			content, err := os.ReadFile(text)
			if err != nil {
				t.Fatal(err)
			}
			ends := of[strings.LastIndex(of, "-")+1:]
			found = found || strings.Contains(string(content), `"`+a.Key+`"`) || strings.Contains(string(content), `"`+of+`"`) ||
				strings.Contains(string(content), `"`+ends+`"`) || name == "tabulation" && strings.Contains(string(content), `"tabulation/%d"`)
		}
		if !found {
			t.Errorf("nothing hands over %s", a.Key)
		}
	}
}

func TestWhatAnAimAsks(t *testing.T) {
	for name, tt := range map[string]struct {
		aim   figure.Aim
		f     figure.Figure
		ratio float64
		met   bool
	}{
		"twice as fast":         {figure.Aim{Times: 2}, figure.Figure{Ours: 3, Theirs: 6}, 2, true},
		"not twice as fast":     {figure.Aim{Times: 2}, figure.Figure{Ours: 4, Theirs: 6}, 1.5, false},
		"twice as many":         {figure.Aim{Times: 2, More: true}, figure.Figure{Ours: 6, Theirs: 3}, 2, true},
		"no peer":               {figure.Aim{Times: 2}, figure.Figure{Ours: 4}, 0, false},
		"within its bound":      {figure.Aim{Bound: 4}, figure.Figure{Ours: 4, Theirs: 1}, 0.25, true},
		"beyond its bound":      {figure.Aim{Bound: 4}, figure.Figure{Ours: 4.1}, 0, false},
		"enough a second":       {figure.Aim{Bound: 4, More: true}, figure.Figure{Ours: 4}, 0, true},
		"too few a second":      {figure.Aim{Bound: 4, More: true}, figure.Figure{Ours: 3}, 0, false},
		"nothing that is asked": {figure.Aim{}, figure.Figure{Ours: 3}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.aim.Ratio(tt.f); got != tt.ratio || tt.aim.Met(tt.f) != tt.met {
				t.Errorf("a ratio of %v, met: %v", got, tt.aim.Met(tt.f))
			}
		})
	}
}
