package office

import "darsd/store"

// HoldLetters puts by every letter that is not sent yet, and says why: of an office that
// was brought back from a backup nobody knows which of them have gone out since. What
// waited for a digest waits as a letter of its own. An operator looks through them and
// has them sent (Post.Retry).
func HoldLetters(tx *store.Tx, why string) (held int64, err error) {
	for _, what := range []string{oweMail, oweLetter, oweRoutine} {
		as := what
		if what == oweRoutine {
			as = oweMail
		}
		n, err := tx.Hold(what, as, why)
		if err != nil {
			return 0, err
		}
		held += n
	}
	return held, nil
}
