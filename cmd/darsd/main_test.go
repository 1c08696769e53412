package main

import (
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"darsd/documents"
)

// The stories in testdata/script are told with the real program. It may be
// called as any of these people: "carol" is darsd --data $WORK/office --as carol.
var people = []string{"olive", "carol", "colin", "iris", "seth", "simone", "sven", "priya", "chen", "signe", "cora", "amir", "mary", "milo", "mina", "lena", "pat", "nora", "ned", "sam"}

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == readPaper { // the program starts itself to read a paper
		os.Exit(documents.Child(os.Stdin, os.Stdout))
	}
	commands := map[string]func(){"darsd": main}
	for _, login := range people {
		commands[login] = func() {
			os.Args = append([]string{"darsd", "--data", os.Getenv("WORK") + "/office", "--as", login}, os.Args[1:]...)
			main()
		}
	}
	// Most of a story is waiting for another process, so more of them than there
	// are processors run at a time; go test -parallel has the last word.
	flag.Set("test.parallel", "6")
	testscript.Main(tidying{m}, commands)
}

// tidying removes the prepared offices when all tests have run.
type tidying struct{ *testing.M }

func (m tidying) Run() int {
	defer func() {
		if dir, err := tidied(); err == nil {
			os.RemoveAll(dir)
		}
	}()
	return m.M.Run()
}

// quiet is an environment without a voice.
func quiet() *env {
	return &env{strings.NewReader(""), io.Discard, io.Discard, func(string) string { return "" }}
}
