package store

import (
	"encoding/json"

	"darsd/dars"
)

// Strike takes words out of a noun and of all that the log has said of it. What it said
// without them is kept, so that the noun can still be seen as it was on a day.
func (tx *Tx) Strike(a dars.Act, name, kind, ref string, w Words) error {
	n, err := tx.GetAny(kind, ref)
	if err != nil {
		return err
	}
	left, err := w.Without(n)
	if err != nil {
		return err
	}
	p, known, err := tx.past(kind, ref)
	if err != nil {
		return err
	}
	err = tx.each(`SELECT seq, change FROM events WHERE kind = $1 AND ref = $2 AND change IS NOT NULL ORDER BY seq`, []any{kind, ref}, func(scan func(...any) error) error {
		var c dars.PastChange
		var change string
		err := scan(&c.Seq, &change)
		c.Change = json.RawMessage(change)
		p.Changes = append(p.Changes, c)
		return err
	})
	for i := range p.Changes {
		if err != nil {
			return err
		}
		p.Changes[i].Change, err = strikeJSON(p.Changes[i].Change, w.Struck)
	}
	if err != nil {
		return err
	}
	if err := tx.Erase(a, name, left); err != nil {
		return err
	}
	if known { // what it said before may hold the words
		return tx.Erase(a, name, p)
	}
	return tx.Save(a, name, p)
}

// past is what was said of a noun before words were struck out of it, and whether any
// were.
func (tx *Tx) past(kind, ref string) (p *dars.Past, known bool, err error) {
	p = &dars.Past{Of: kind + "/" + ref}
	body, _, err := tx.stored("past", p.Of)
	if err != nil || body == "" {
		return p, false, err
	}
	return p, true, json.Unmarshal([]byte(body), p)
}

// asOfPast is a noun that was erased, as it was after an event.
func (tx *Tx) asOfPast(n dars.Noun, ref string, seq int64) error {
	p, known, err := tx.past(n.Card().Kind, ref)
	if err != nil {
		return err
	}
	text := ""
	for _, c := range p.Changes {
		if c.Seq <= seq {
			text = merge(text, string(c.Change))
		}
	}
	if !known || text == "" {
		return tx.left(n, ref)
	}
	return json.Unmarshal([]byte(text), n)
}
