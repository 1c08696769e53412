package store

import "golang.org/x/mod/sumdb/tlog"

// TreeAt is what the log was after an event, as checkpoints of that moment were signed
// for it.
func (tx *Tx) TreeAt(seq int64) (tlog.Tree, error) {
	var t trunk
	err := tx.each(`SELECT hash FROM events WHERE seq <= $1 ORDER BY seq`, []any{seq}, func(scan func(...any) error) error {
		var text string
		if err := scan(&text); err != nil {
			return err
		}
		hash, err := tlog.ParseHash(text)
		if err == nil {
			t.add(hash)
		}
		return err
	})
	return t.tree(), err
}
