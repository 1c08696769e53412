package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"darsd/dars"
)

// Erase keeps a noun as what is left of it, with an event that carries all of that: the
// noun is replayed from there. What its events before have said goes, and with it their
// salt, so that nobody can find out by guessing; their leaves and hashes stay.
func (tx *Tx) Erase(a dars.Act, name string, n dars.Noun) error {
	if tx.imagined != nil {
		return errUnimagined
	}
	c := n.Card()
	_, from, err := tx.stored(c.Kind, c.Ref)
	if err != nil {
		return err
	}
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	now := merge("", string(text))
	if tx.behalf != "" {
		name += For + string(tx.behalf)
		tx.saved = append(tx.saved, c)
	}
	tx.whole = true
	err = tx.log(a, name, c, from, now)
	tx.whole = false
	if err != nil {
		return err
	}
	if err := tx.exec(`UPDATE events SET change = NULL, salt = NULL WHERE kind = $1 AND ref = $2 AND seq < $3`, c.Kind, c.Ref, tx.last); err != nil {
		return err
	}
	if err := tx.exec(`UPDATE nouns SET state = $3, body = $4 WHERE kind = $1 AND ref = $2`, c.Kind, c.Ref, c.State, now); err != nil {
		return err
	}
	return tx.file(c)
}

// Words are what is erased of a person, and what takes their place.
type Words struct {
	Facts []string // a full name, an address: wherever they stand
	Login string   // only in work that is owed: it may be any word
	By    string
}

// Naming are the nouns of which an event after a number holds one of the words. The
// database finds what may, since it knows capitals of English letters only.
func (tx *Tx) Naming(after int64, w Words) (nouns []dars.Card, err error) {
	where, args := holding("change", w.Facts, "%", after)
	if where == "" {
		return nil, nil
	}
	err = tx.each(`SELECT kind, ref, change FROM events WHERE seq > $1 AND (`+where+`) ORDER BY kind, ref`, args, func(scan func(...any) error) error {
		var c dars.Card
		var change string
		if err := scan(&c.Kind, &c.Ref, &change); err != nil || len(nouns) > 0 && nouns[len(nouns)-1].Kind == c.Kind && nouns[len(nouns)-1].Ref == c.Ref {
			return err
		}
		named, err := w.stands([]byte(change))
		if named {
			nouns = append(nouns, c)
		}
		return err
	})
	return nouns, err
}

// stands reports whether one of the words stands in an object or a list.
func (w Words) stands(text []byte) (named bool, err error) {
	_, err = w.strikeJSON(text, func(said string) string {
		named = named || w.strikeFacts(said) != said
		return said
	})
	return named, err
}

// Steps counts the events that are somebody's.
func (tx *Tx) Steps(who dars.PersonID) (n int, err error) {
	err = tx.one(`SELECT count(*) FROM events WHERE leaf LIKE $1`, &n, `%"by":"`+string(who)+`"%`)
	return n, err
}

// holding is the condition that a column may hold one of some words, in capitals or not,
// and with anything like a gap between its parts: of a letter that is not English, or an
// apostrophe, it asks only that there is one. The first argument is the caller's.
func holding(column string, words []string, gap string, first any) (where string, args []any) {
	args = []any{first}
	var any []string
	for _, word := range words {
		if word = inJSON(word); word == "" {
			continue
		}
		args = append(args, "%"+anyLetter(strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, " ", gap).Replace(strings.ToLower(word)))+"%")
		any = append(any, fmt.Sprintf(`lower(%s) LIKE $%d ESCAPE '\'`, column, len(args)))
	}
	return strings.Join(any, " OR "), args
}

// anyLetter lets anything stand for letters that databases do not fold.
func anyLetter(pattern string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || r == '\'' {
			return '_'
		}
		return r
	}, pattern)
}

// inJSON is a word as it stands in JSON.
func inJSON(word string) string {
	text, _ := json.Marshal(word) // of a string: cannot fail
	return string(text[1 : len(text)-1])
}

// Without is a noun in which none of the words stand any more.
func (w Words) Without(n dars.Noun) (dars.Noun, error) {
	text, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	if text, err = w.strikeJSON(text, w.strikeFacts); err != nil {
		return nil, err
	}
	left := dars.Nouns[n.Card().Kind]()
	return left, json.Unmarshal(text, left)
}

// strikeJSON strikes words out of every text of an object or a list.
func (w Words) strikeJSON(text []byte, strike func(string) string) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // as they are written
	var all any
	if err := d.Decode(&all); err != nil {
		return nil, err
	}
	return json.Marshal(struck(all, strike))
}

func struck(value any, strike func(string) string) any {
	switch v := value.(type) {
	case string:
		return strike(v)
	case []any:
		for i := range v {
			v[i] = struck(v[i], strike)
		}
	case map[string]any:
		for name := range v {
			v[name] = struck(v[name], strike)
		}
	}
	return value
}

// spelt lets a word be found across the end of a line, and with either apostrophe.
var spelt = strings.NewReplacer(" ", `[\s>]+`, "'", `['’‘]`, "’", `['’‘]`)

// strikeFacts puts what takes their place for the words in a text, wherever its lines
// end and whether or not it is quoted.
func (w Words) strikeFacts(text string) string {
	for _, word := range w.Facts {
		if word != "" {
			whole := spelt.Replace(regexp.QuoteMeta(word))
			text = regexp.MustCompile(`(?i)`+edge(word[:1])+whole+edge(word[len(word)-1:])).ReplaceAllLiteralString(text, w.By)
		}
	}
	return text
}

// strikeAll does the same, and with the login after that: it may be a part of the name.
func (w Words) strikeAll(text string) string {
	text = w.strikeFacts(text)
	if w.Login == "" {
		return text
	}
	return regexp.MustCompile(`\b`+regexp.QuoteMeta(w.Login)+`\b`).ReplaceAllLiteralString(text, w.By)
}

// edge is where a word ends or begins that has a letter there.
func edge(letter string) string {
	if regexp.MustCompile(`\w`).MatchString(letter) {
		return `\b`
	}
	return ""
}

// StrikeOwed takes the words out of all work that is owed, or was: it is no fact, and
// who reads a letter by now reads a number.
func (tx *Tx) StrikeOwed(w Words) error {
	all := append([]string{w.Login}, w.Facts...)
	where, args := holding("body || failed", all, "%", "")
	if where == "" {
		return nil
	}
	type row struct{ id, body, failed string }
	var rows []row
	err := tx.each(`SELECT id, body, failed FROM owed WHERE id <> $1 AND (`+where+`)`, args, func(scan func(...any) error) error {
		var r row
		err := scan(&r.id, &r.body, &r.failed)
		rows = append(rows, r)
		return err
	})
	for _, r := range rows {
		if err != nil {
			return err
		}
		var body []byte
		if body, err = w.strikeJSON([]byte(r.body), w.strikeAll); err == nil {
			err = tx.exec(`UPDATE owed SET body = $2, failed = $3 WHERE id = $1`, r.id, string(body), w.strikeAll(r.failed))
		}
	}
	return err
}

// Compact writes the database anew, so that nothing of what was erased is left in what
// was its place. It may take minutes, while which acts wait.
func (s *Store) Compact(ctx context.Context) error { return s.compact(ctx, s.acts) }
