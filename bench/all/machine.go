package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// machine says on what all was measured: a line for each fact.
func (b *bench) machine() []string {
	all := []string{
		fmt.Sprintf("%s, %d cores; %s of memory; Linux %s", after("/proc/cpuinfo", "model name"), runtime.NumCPU(), gib(after("/proc/meminfo", "MemTotal")), first("/proc/sys/kernel/osrelease")),
		fmt.Sprintf("files on %s; %s; load before it began: %s", disk(b.work), runtime.Version(), strings.Join(strings.Fields(first("/proc/loadavg"))[:3], ", ")),
	}
	var peers []string
	for _, p := range peersOf {
		if said := version(p); said != "" {
			peers = append(peers, said)
		}
	}
	for _, module := range []string{"@duckdb/node-api", "nodejs-polars"} {
		var is struct{ Version string }
		text, err := os.ReadFile(filepath.Join(b.peers, "node_modules", module, "package.json"))
		if err == nil && json.Unmarshal(text, &is) == nil {
			peers = append(peers, module+" "+is.Version)
		}
	}
	return append(all, "peers: "+strings.Join(peers, "; "))
}

// peersOf are the programs whose versions stand on the page, and how they say them.
var peersOf = [][]string{
	{"ssh", "-V"}, {"rclone", "version"}, {"mlr", "--version"}, {"mawk", "-W", "version"}, {"weasyprint", "--version"},
	{"wkhtmltopdf", "--version"}, {"chromium", "--version"}, {"nginx", "-v"}, {"wrk", "-v"}, {"node", "--version"},
}

// version is the first line that a program says of itself which has a number with a point
// in it; "" where it is not there.
func version(program []string) string {
	if _, err := exec.LookPath(program[0]); err != nil {
		return ""
	}
	said, _ := exec.Command(program[0], program[1:]...).CombinedOutput() // some end with an error
	line := strings.TrimSpace(numbered.FindString(string(said)))
	if !strings.Contains(strings.ToLower(line), program[0]) {
		line = program[0] + " " + line
	}
	return line[:min(len(line), 60)]
}

var numbered = regexp.MustCompile(`(?m)^.*\d\.\d.*$`)

// after is what stands behind a name and a colon in a file of the kernel's.
func after(file, name string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if key, value, is := strings.Cut(line, ":"); is && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func first(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "? ? ?"
	}
	return strings.TrimSpace(string(text))
}

// gib turns the kernel's kB into GiB.
func gib(kb string) string {
	var n float64
	if _, err := fmt.Sscan(kb, &n); err != nil {
		return kb
	}
	return fmt.Sprintf("%.1f GiB", n/(1<<20))
}

// disk is the file system that a folder lies on: its kind.
func disk(dir string) string {
	kind, at := "unknown", ""
	text, _ := os.ReadFile("/proc/mounts")
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) > 2 && len(f[1]) >= len(at) && (f[1] == "/" || dir == f[1] || strings.HasPrefix(dir, f[1]+"/")) {
			at, kind = f[1], f[2]
		}
	}
	return kind
}
