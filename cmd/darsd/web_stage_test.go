package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// storyWeb asks the daemon's public pages until the answer holds what is looked for, and
// prints it: an edition is made within seconds of what it tells.
func storyWeb(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 2, "web PATH TEXT")
	var said struct{ Web string }
	var answer string
	err := until(args[0]+" with "+args[1], func() bool {
		text, _ := os.ReadFile(stageOf(ts).path("office/serve.json"))
		if json.Unmarshal(text, &said) != nil || said.Web == "" {
			return false
		}
		got, err := http.Get("http://" + said.Web + args[0])
		if err != nil {
			return false
		}
		defer got.Body.Close()
		body, _ := io.ReadAll(got.Body)
		answer = fmt.Sprintf("%s\n%s", got.Status, body)
		return strings.Contains(answer, args[1])
	})
	if err != nil {
		ts.Fatalf("%v; the last answer: %.2000s", err, answer)
	}
	ts.Setenv("WEB", "http://"+said.Web)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), []byte(answer), 0o600))
}

// storyAlter is somebody who can write to the office's database, past the program.
func storyAlter(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 1, "alter SQL")
	db, err := sql.Open("sqlite3", "file:"+stageOf(ts).path("office/darsd.db")+"?_busy_timeout=10000")
	ts.Check(err)
	defer db.Close()
	done, err := db.Exec(args[0])
	ts.Check(err)
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("%s: nothing is altered: %v", args[0], err)
	}
}
