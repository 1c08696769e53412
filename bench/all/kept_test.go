package main

import (
	"errors"
	"os"
	"reflect"
	"testing"
	"time"

	"darsd/bench/figure"
)

func TestWhatIsKept(t *testing.T) {
	k := kept(t.TempDir())
	o := outcome{step: step{name: "x", size: "10 rows"}, on: "2026-11-22", took: 90 * time.Second, figures: map[string]figure.Figure{"x/y": {Key: "x/y", Ours: 2}}}
	if _, had, err := k.outcome(o.step); had || err != nil {
		t.Errorf("before anything: %v, %v", had, err)
	}
	failed := o
	failed.err = errors.New("exit status 1")
	if err := errors.Join(k.add(failed), kept("").add(o)); err != nil {
		t.Fatal(err)
	}
	if _, had, _ := k.outcome(o.step); had {
		t.Error("a failure is kept, and would not be tried again")
	}
	if err := k.add(o); err != nil {
		t.Fatal(err)
	}
	if got, had, err := k.outcome(o.step); !had || err != nil || !reflect.DeepEqual(got, o) {
		t.Errorf("got %+v, %v, %v", got, had, err)
	}
	for name, s := range map[string]step{"another benchmark": {name: "z", size: "10 rows"}, "another size": {name: "x", size: "20 rows"}} {
		if _, had, err := k.outcome(s); had || err != nil {
			t.Errorf("%s: %v, %v", name, had, err)
		}
	}
	if err := os.WriteFile(k.file(o.step), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, had, err := k.outcome(o.step); had || err == nil {
		t.Error("half a file is taken for an outcome")
	}
}
