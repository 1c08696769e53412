package configs

import (
	_ "embed"
	"strings"
)

//go:embed starter.yaml
var starter string

// Starter is the configuration that a new office begins with: every setting with
// its default and what it is for, and a dataset as an example.
func Starter(console Console) string {
	return strings.Replace(starter, "\nconsole: "+string(BreakGlass)+"\n", "\nconsole: "+string(console)+"\n", 1)
}
