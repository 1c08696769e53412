package dars_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// What each noun is filed by, of facts that have all something in them. Whoever
// changes a card raises dars.Edition, or a database that is there would not be
// filed by it; go test ./dars -run Edition -update then notes the new one.
func TestEdition(t *testing.T) {
	const file = "testdata/cards.txt"
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(dars.Nouns)) {
		n := dars.Nouns[kind]()
		fill(reflect.ValueOf(n).Elem(), "x", 0)
		c := n.Card()
		fmt.Fprintf(&b, "%s: state %s\n", c.Kind, c.State)
		for _, k := range slices.SortedFunc(slices.Values(c.Keys), dars.Key.Compare) {
			fmt.Fprintf(&b, "\t%s %s\n", k.Name, k.Value)
		}
	}
	edition := fmt.Sprintf("edition %d\n", dars.Edition)
	if *update {
		if err := os.WriteFile(file, []byte(edition+b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	known, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, cards, _ := strings.Cut(string(known), "\n")
	switch {
	case first+"\n" == edition && cards == b.String():
	case first+"\n" == edition:
		t.Errorf("the cards are others than those of edition %d: raise dars.Edition, and run with -update", dars.Edition)
	default:
		t.Errorf("%s is of %s, and the program of %s: run with -update", file, first, edition)
	}
}

// fill puts something into every field: words that name it, one item in each list.
func fill(v reflect.Value, name string, deep int) {
	switch {
	case deep > 6 || !v.CanSet():
	case v.Kind() == reflect.String:
		v.SetString(name)
	case v.Kind() == reflect.Int || v.Kind() == reflect.Int64:
		v.SetInt(7)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name, deep+1)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name, deep+1)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), strings.ToLower(v.Type().Field(i).Name), deep+1)
		}
	}
}
