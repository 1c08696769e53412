package extract_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"darsd/transfer/extract"
)

// written is a text of lines that are made while they are read.
type written struct {
	line  func(b []byte, n int) []byte
	n, of int
	buf   []byte
	rest  []byte // of buf
}

func (w *written) Read(b []byte) (int, error) {
	if len(w.rest) == 0 {
		w.buf = w.buf[:0]
		for ; w.n < w.of && len(w.buf) < 64<<10; w.n++ {
			w.buf = w.line(w.buf, w.n)
		}
		w.rest = w.buf
	}
	if len(w.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

func nth(b []byte, n int) []byte { // an NHS number, or what fails the check
	stem := 400_000_000 + n*29%299_999_977
	sum, rest := 0, stem
	for weight := 2; weight <= 10; weight++ {
		sum += rest % 10 * weight
		rest /= 10
	}
	return fmt.Appendf(b, "%09d%d", stem, (11-sum%11)%11%10)
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

// A national list of five million, an index of ten million persons, and a row of
// 64 MiB: all that is done stays below 512 MB.
func TestMemory(t *testing.T) {
	if os.Getenv("DARSD_MEMORY_CHILD") != "" {
		packMuch(t)
		if mb := peak(t); mb > 512 || mb < 100 {
			t.Errorf("it took %d MB of memory, and 512 are the most", mb)
		}
		return
	}
	if testing.Short() || raced {
		t.Skip("it takes some seconds, and the race detector takes memory of its own")
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemory$")
	child.Env = append(os.Environ(), "DARSD_MEMORY_CHILD=1")
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// peak is how much memory this process has had at most, in MB. The parent cannot
// say it: what the system tells of a child begins with the parent's own.
func peak(t *testing.T) (mb int) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("this system does not say how much memory a process took")
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(after, &mb); err != nil {
		t.Fatal(err)
	}
	return mb >> 10
}

func packMuch(t *testing.T) {
	const persons = 10_000_000
	list, report, err := extract.ReadList(&written{of: persons / 2, line: func(b []byte, n int) []byte { return append(nth(b, 2*n), '\n') }})
	if err != nil || report.Numbers < 4_000_000 {
		t.Fatalf("%v: %d numbers", err, report.Numbers)
	}
	text := map[string]func() io.Reader{
		"index.csv": func() io.Reader {
			return io.MultiReader(strings.NewReader("nhs,NUMBER\n"), &written{of: persons, line: func(b []byte, n int) []byte {
				return append(nth(fmt.Appendf(b, "HESID%027d,", n), n), '\n')
			}})
		},
		"visits.csv": func() io.Reader {
			rows := func(n int) io.Reader {
				return &written{of: n, line: func(b []byte, n int) []byte { return fmt.Appendf(b, "%d,HESID%027d,,x\n", n, n*31) }}
			}
			long := io.MultiReader(strings.NewReader("1,x,,\""), io.LimitReader(endless{}, 64<<20-100), strings.NewReader("\"\n"))
			return io.MultiReader(strings.NewReader(head), rows(200_000), long, rows(99_999))
		},
	}
	d := indexed()
	result, err := extract.Pack(t.Context(), extract.Job{
		Dataset: d, Uphold: true, Objections: list, Files: []extract.File{{ID: "FILE0000001", Period: "200199", Name: "x.csv"}}, Output: extract.Output{Compression: "zstd"},
		Open:   func(path string) (io.ReadCloser, error) { return io.NopCloser(text[path]()), nil },
		Create: func(string) (io.WriteCloser, error) { return discard{}, nil },
		Key:    office,
	})
	if err != nil {
		t.Fatal(err)
	}
	if f := result.Files[0]; f.RowsWithheld < 100_000 || f.RowsOut < 100_000 || f.RowsIn != 300_000 {
		t.Fatalf("%+v", f)
	}
}
