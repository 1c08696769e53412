package store

import (
	"encoding/json"
	"fmt"

	"darsd/dars"
)

// Through lends each event after one and up to another that came by some doors, oldest
// first.
func (tx *Tx) Through(after, upTo int64, each func(Leaf) error, doors ...dars.Door) error {
	args, among := []any{after, upTo}, ""
	for i, d := range doors {
		args = append(args, `%"via":"`+string(d)+`"%`)
		if i > 0 {
			among += " OR "
		}
		among += fmt.Sprintf("leaf LIKE $%d", len(args)) // a word within a text has its quotes escaped
	}
	return tx.each(`SELECT leaf FROM events WHERE seq > $1 AND seq <= $2 AND (`+among+`) ORDER BY seq`, args, func(scan func(...any) error) error {
		var text string
		var l Leaf
		if err := scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return err
		}
		return each(l)
	})
}
