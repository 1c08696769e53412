package office

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Restored notes that the office was brought back from a backup, in the transaction in
// which it is. Compliance and the operators are told what is to be done now.
func Restored(tx *store.Tx, r dars.Restoration) error {
	highest, err := highestNumbers(tx)
	if err != nil {
		return err
	}
	before, err := newestRestoration(tx)
	if err != nil {
		return err
	}
	for kind, n := range highest {
		if before != nil { // and was lost again before one was given
			n = max(n, before.Above(kind))
		}
		r.Skip(kind, n)
	}
	if r.ID, err = number(tx, "restoration", "RST-"); err != nil {
		return err
	}
	a := dars.Act{Who: dars.ByRestore, At: r.At, Via: dars.Console}
	if err := tx.Save(a, "restore", &r); err != nil {
		return err
	}
	return write(tx, a, letter{Roles: []dars.Role{dars.Compliance, dars.Operator},
		Subject: fmt.Sprintf("%s: the office was restored from its backup of %s", r.ID, r.From.Format(time.RFC3339)),
		Body: fmt.Sprintf("The office is as it was at %s, after event %d. What happened after that it does not know: data may have been collected that it asks nobody back for, and what people did in those days, such as to revoke a key or to hold an organisation, is to be done again. References of those days are not given again: the next release, for one, is above REL-%06d.\n\nReceipts that were kept elsewhere say what the office has forgotten:\n\n    darsd restore compare RECEIPTS\n",
			r.From.Format(time.RFC3339), r.Events, r.Above("release"))})
}

// fileIDs is what files are counted under, which are no nouns of their own.
const fileIDs = "file"

// highestNumbers are those of all references that are counted, by kind.
func highestNumbers(tx *store.Tx) (map[string]int, error) {
	highest := map[string]int{}
	for kind := range dars.Nouns {
		last, err := tx.Last(kind)
		if err != nil {
			return nil, err
		}
		if n, counted := numberIn(last); counted {
			highest[kind] = n
		}
	}
	file, err := lastFile(tx)
	if n, given := numberIn(string(file)); given {
		highest[fileIDs] = n
	}
	return highest, err
}

var numbered = regexp.MustCompile(`^[A-Z-]+([0-9]{6,})`)

// numberIn is the number of a reference that is counted: 8 of REL-000008.
func numberIn(ref string) (n int, counted bool) {
	found := numbered.FindStringSubmatch(ref)
	if found == nil {
		return 0, false
	}
	n, err := strconv.Atoi(found[1])
	return n, err == nil
}

// newestRestoration is nil in an office that never was brought back.
func newestRestoration(tx *store.Tx) (*dars.Restoration, error) {
	last, err := tx.Last("restoration")
	if err != nil || last == "" {
		return nil, err
	}
	return store.Get[dars.Restoration](tx, last)
}

// nextNumber is that of the next reference of a kind. It follows the highest, and those
// that an office that was lost may have given.
func nextNumber(tx *store.Tx, kind, highest string) (int, error) {
	last, _ := numberIn(highest) // none yet: 0
	n := last + 1
	r, err := newestRestoration(tx)
	if r != nil && kind != "restoration" { // of these no paper tells
		n = max(n, r.Above(kind)+1)
	}
	return n, err
}
