package main

import (
	"bytes"
	"io/fs"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// storySomewhere and storyNowhere read every byte of an office's data directory for some
// words: they must stand in some file, or in none.
func storySomewhere(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 1, "somewhere WORD...")
	for _, word := range args {
		if len(filesWith(ts, word)) == 0 {
			ts.Fatalf("%q stands nowhere", word)
		}
	}
}

func storyNowhere(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 1, "nowhere WORD...")
	for _, word := range args {
		if files := filesWith(ts, word); len(files) > 0 {
			ts.Fatalf("%q stands in %v", word, files)
		}
	}
}

func filesWith(ts *testscript.TestScript, word string) (files []string) {
	looked := 0
	ts.Check(fs.WalkDir(os.DirFS(stageOf(ts).path("office")), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(stageOf(ts).path("office/" + name))
		if looked++; bytes.Contains(content, []byte(word)) {
			files = append(files, name)
		}
		return err
	}))
	if looked < 10 {
		ts.Fatalf("only %d files were looked at", looked)
	}
	return files
}
