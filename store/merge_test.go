package store

import (
	"encoding/json"
	"testing"
)

func TestDifference(t *testing.T) {
	tests := map[string]struct{ was, now, want string }{
		"the first facts":               {``, `{"a":1}`, `{"a":1}`},
		"nothing new":                   {`{"a":1}`, `{"a":1}`, ``},
		"one of two changed":            {`{"a":1,"b":2}`, `{"a":1,"b":3}`, `{"b":3}`},
		"one is gone":                   {`{"a":1,"b":2}`, `{"a":1}`, `{"b":null}`},
		"one that is nothing is gone":   {`{"a":1,"b":2}`, `{"a":1,"b":null}`, `{"b":null}`},
		"nothing instead of nothing":    {`{"a":1}`, `{"a":1,"b":null}`, ``},
		"a list to the empty list":      {`{"a":[1]}`, `{"a":[]}`, `{"a":[]}`},
		"deep inside, the whole fact":   {`{"a":{"b":1,"c":2}}`, `{"a":{"b":1,"c":3}}`, `{"a":{"b":1,"c":3}}`},
		"nothing deep inside is a fact": {`{"a":{"b":1}}`, `{"a":{"b":null}}`, `{"a":{"b":null}}`},
		"a number too large for floats": {`{"a":9007199254740993}`, `{"a":9007199254740992}`, `{"a":9007199254740992}`},
		"only white space":              {`{"a":[1,2]}`, `{ "a" : [1, 2] }`, ``},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := difference(merge("", tt.was), merge("", tt.now)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// Whatever a noun's facts were and are: adding the change to what was gives what
// is, and the same facts are the same text.
func FuzzMergeAddsUpToWhatIs(f *testing.F) {
	for _, text := range []string{``, `{}`, `{"a":1}`, `{"a":null,"b":{"c":null}}`, `{"ä":"\u2028<","a":9007199254740993}`, `{"a":1,"a":2}`, `{"":[null]}`, `{"a":"\ud800"}`, "{\"\xff\":1}", `[1]`, `x`} {
		f.Add(text, `{"a":1,"z":[{}]}`)
		f.Add(`{"a":1,"z":[{}]}`, text)
	}
	f.Fuzz(func(t *testing.T, was, now string) {
		was, now = merge("", was), merge("", now)
		change := difference(was, now)
		if (change == "") != (was == now) {
			t.Fatalf("from %s to %s the change is %q", was, now, change)
		}
		if got := merge(was, change); got != now {
			t.Errorf("%s with %s is %s, want %s", was, change, got, now)
		}
		if again := merge("", now); again != now {
			t.Errorf("%s is written anew as %s", now, again)
		}
		if !json.Valid([]byte(now)) || change != "" && !json.Valid([]byte(change)) {
			t.Errorf("no JSON: %s, %s", now, change)
		}
	})
}
