package extract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// One row of a file that was found says which of a thousand cases it left under.
func TestTracePseudonyms(t *testing.T) {
	keys := map[string][]byte{}
	for i := range 1000 {
		keys[fmt.Sprint("DARS-NIC-", i)] = slices.Concat([]byte{byte(i), byte(i >> 8)}, make([]byte, 30))
	}
	kinds := []string{"person", "episode"}
	const stem = "DARS-NIC-777"
	short, long := name(t, keys[stem], "person", "9990000018"), name(t, keys[stem], "episode", "TEST0000000000000000000000000001")
	for row, want := range map[string]string{
		"1|" + short + "|J45\n":                               "[{" + short + " " + stem + " person 9990000018}]",
		`"` + strings.ToLower(long) + `",2016-04-29`:          "[{" + strings.ToLower(long) + " " + stem + " episode }]",
		"1|9990000018|TEST0000000000000000000000000001|J45\n": "[]",
		name(t, aKey(9), "person", "9990000018"):              "[]", // of a case that is not ours
		"":                                                    "[]",
	} {
		found, err := TracePseudonyms([]byte(row), keys, kinds)
		if got := fmt.Sprint(found); err != nil || got != want {
			t.Errorf("%q: %s %v, not %s", row, got, err, want)
		}
	}
	if _, err := TracePseudonyms([]byte(short), map[string][]byte{"x": nil}, kinds); err == nil {
		t.Error("a case without a key")
	}
}
