package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"darsd/bench/figure"
)

// A kept is the folder in which it is kept what each benchmark measured, in a file of its
// name. The empty name keeps none.
type kept string

// An entry is such a file.
type entry struct {
	Size    string                   `json:"size"`
	On      string                   `json:"on"`
	Seconds float64                  `json:"seconds"`
	Figures map[string]figure.Figure `json:"figures"`
}

// outcome is what a benchmark of the same size measured before, if it did.
func (k kept) outcome(s step) (o outcome, had bool, err error) {
	if k == "" {
		return outcome{}, false, nil
	}
	text, err := os.ReadFile(k.file(s))
	if errors.Is(err, os.ErrNotExist) {
		return outcome{}, false, nil
	}
	var e entry
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	o = outcome{step: s, on: e.On, took: time.Duration(e.Seconds * float64(time.Second)), figures: e.Figures, err: err}
	return o, err == nil && e.Size == s.size, err
}

// add keeps an outcome. One that failed is tried again the next time.
func (k kept) add(o outcome) error {
	if k == "" || o.err != nil {
		return nil
	}
	text, err := json.MarshalIndent(entry{o.size, o.on, o.took.Seconds(), o.figures}, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(k), 0o755); err != nil {
		return err
	}
	return os.WriteFile(k.file(o.step), append(text, '\n'), 0o644)
}

func (k kept) file(s step) string { return filepath.Join(string(k), s.name+".json") }
