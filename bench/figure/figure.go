// Package figure is how a benchmark hands over what it has measured, so that one table
// has all of them beside what they aim at.
package figure

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
)

// A Figure is one thing that was measured, beside the fastest peer that gave a correct
// answer in the same run. Both are in the unit of the aim.
type Figure struct {
	Key     string   `json:"key"` // of its aim
	Ours    float64  `json:"ours"`
	Peer    string   `json:"peer,omitempty"`
	Theirs  float64  `json:"theirs,omitempty"`
	Missing []string `json:"missing,omitempty"` // peers that were not on this machine, or failed
}

// A File is where figures are collected, a line of JSON each. The empty name collects
// none.
type File string

// Add writes figures behind those that are there. One that has no aim is a mistake of the
// benchmark's.
func (f File) Add(figures ...Figure) error {
	if f == "" {
		return nil
	}
	out, err := os.OpenFile(string(f), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	for _, one := range figures {
		if !slices.ContainsFunc(Aims, func(a Aim) bool { return a.Key == one.Key }) {
			return fmt.Errorf("no aim is called %s", one.Key)
		}
		line, err := json.Marshal(one)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return out.Close()
}

// Read reads what was collected, by key. None, where nothing was.
func (f File) Read() (map[string]Figure, error) {
	in, err := os.Open(string(f))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	all := map[string]Figure{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var one Figure
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return nil, err
		}
		all[one.Key] = one
	}
	return all, lines.Err()
}
