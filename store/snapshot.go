package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"darsd/dars"
)

// A snapshot is all rows of a database as of one moment, as text that either kind of
// database can be filled from: JSON, a value a line.
//
//	{"darsd_store":1,"schema":5}                          what it is
//	{"table":"nouns","columns":["kind","ref",...]}        the rows of a table follow, each a list
//	["agreement","DARS-NIC-000001-…","in-force","{…}"]
//	{"events":214,"head":"…","rows":1203}                 the end: one without is no snapshot
//
// Rows stand in order of their keys, so that the same facts are the same text.
const snapshotForm = 1

// A kept table is one whose rows a snapshot has. A migration that changes rows is to change
// those of older snapshots as well, in Fill.
type keptTable struct {
	name    string
	columns []string
	numbers []string // those of them that are whole numbers
	order   string
}

var keptTables = []keptTable{
	{"nouns", []string{"kind", "ref", "state", "body"}, nil, "kind, ref"},
	{"keys", []string{"kind", "ref", "name", "value"}, nil, "kind, name, value, ref"},
	{"events", []string{"seq", "kind", "ref", "leaf", "hash", "change", "salt"}, []string{"seq"}, "seq"},
	{"owed", []string{"id", "seq", "what", "body", "tries", "next_at", "lease", "until", "failed", "done_at"}, []string{"seq", "tries", "next_at", "until", "done_at"}, "id"},
	{"filing", []string{"edition"}, []string{"edition"}, "edition"},
	{"refused", []string{"hour", "who", "act", "rule", "via", "times"}, []string{"hour", "times"}, "hour, who, act, rule, via"},
}

// A Snapshot says what one holds.
type Snapshot struct {
	Schema int       // the newest of its migrations
	Tree   tlog.Tree // the head of its log
	Rows   int64
}

type snapshotHead struct {
	Form   int `json:"darsd_store"`
	Schema int `json:"schema"`
}

type snapshotTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

type snapshotEnd struct {
	Events int64  `json:"events"`
	Head   string `json:"head"`
	Rows   int64  `json:"rows"`
}

// Snapshot writes all that the transaction sees.
func (tx *Tx) Snapshot(to io.Writer) (s Snapshot, err error) {
	if tx.imagined != nil {
		return s, errUnimagined
	}
	if err := tx.one(`SELECT max(number) FROM migrations`, &s.Schema); err != nil {
		return s, err
	}
	out := json.NewEncoder(to)
	out.SetEscapeHTML(false)
	if err := out.Encode(snapshotHead{snapshotForm, s.Schema}); err != nil {
		return s, err
	}
	var log trunk
	for _, t := range keptTables {
		if err := out.Encode(snapshotTable{t.name, t.columns}); err != nil {
			return s, err
		}
		row := t.row()
		err := tx.each(`SELECT `+strings.Join(t.columns, ", ")+` FROM `+t.name+` ORDER BY `+t.order, nil, func(scan func(...any) error) error {
			if err := scan(row.into...); err != nil {
				return err
			}
			if err := tx.ctx.Err(); err != nil {
				return err
			}
			s.Rows++
			if t.name == "events" {
				hash, err := tlog.ParseHash(*row.text("hash"))
				if err != nil {
					return err
				}
				log.add(hash)
			}
			return out.Encode(row.values())
		})
		if err != nil {
			return s, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	s.Tree = log.tree()
	return s, out.Encode(snapshotEnd{s.Tree.N, s.Tree.Hash.String(), s.Rows})
}

// A row is one that is read again and again.
type row struct {
	table keptTable
	into  []any // *sql.NullString or *sql.NullInt64
}

func (t keptTable) row() row {
	r := row{table: t}
	for _, c := range t.columns {
		if slices.Contains(t.numbers, c) {
			r.into = append(r.into, new(sql.NullInt64))
		} else {
			r.into = append(r.into, new(sql.NullString))
		}
	}
	return r
}

func (r row) text(column string) *string {
	return &r.into[slices.Index(r.table.columns, column)].(*sql.NullString).String
}

func (r row) values() []any {
	values := make([]any, len(r.into))
	for i, into := range r.into {
		switch v := into.(type) {
		case *sql.NullInt64:
			if v.Valid {
				values[i] = v.Int64
			}
		case *sql.NullString:
			if v.Valid {
				values[i] = v.String
			}
		}
	}
	return values
}

// ReadSnapshot reads a snapshot to its end. The head of its log is hashed anew from what
// its events are. each is handed the rows, some of one table at a time, if it is not
// nil.
func ReadSnapshot(from io.Reader, each func(table string, columns []string, rows [][]any) error) (s Snapshot, err error) {
	in := json.NewDecoder(from)
	in.UseNumber()
	var head snapshotHead
	if err := in.Decode(&head); err != nil || head.Form == 0 {
		return s, errors.Join(errors.New("it is no snapshot of a store"), err)
	}
	files, err := migrationFiles()
	if err != nil {
		return s, err
	}
	if head.Form > snapshotForm || head.Schema > len(files) {
		return s, fmt.Errorf("it is of a newer darsd (its tables are at %d, this program knows %d): use that program", head.Schema, len(files))
	}
	s.Schema = head.Schema
	r := snapshotReader{in: in, each: each}
	end, err := r.read()
	if err != nil {
		return s, fmt.Errorf("the snapshot breaks off or is damaged after %d rows: %w", r.rows, err)
	}
	s.Tree, s.Rows = r.log.tree(), r.rows
	if end.Events != s.Tree.N || end.Head != s.Tree.Hash.String() || end.Rows != s.Rows {
		return s, fmt.Errorf("the snapshot is not what was written: it has %d rows and %d events, and had %d and %d", s.Rows, s.Tree.N, end.Rows, end.Events)
	}
	return s, nil
}

// A snapshotReader goes along a snapshot.
type snapshotReader struct {
	in    *json.Decoder
	each  func(table string, columns []string, rows [][]any) error
	table snapshotTable
	some  [][]any
	rows  int64
	log   trunk
}

// atOnce is how many rows go into the database by one statement: each has at most ten
// values, and SQLite takes 32,766.
const atOnce = 500

func (r *snapshotReader) read() (end snapshotEnd, err error) {
	for {
		var raw json.RawMessage
		if err := r.in.Decode(&raw); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return end, err
		}
		if raw[0] == '[' {
			if err := r.row(raw); err != nil {
				return end, err
			}
			continue
		}
		if err := r.flush(); err != nil {
			return end, err
		}
		r.table = snapshotTable{}
		if err := json.Unmarshal(raw, &r.table); err != nil {
			return end, err
		}
		if r.table.Table == "" {
			return end, json.Unmarshal(raw, &end)
		}
		if !slices.ContainsFunc(keptTables, func(t keptTable) bool { return t.name == r.table.Table }) {
			return end, fmt.Errorf("there is no table %q", r.table.Table)
		}
	}
}

func (r *snapshotReader) row(raw json.RawMessage) error {
	var values []any
	if err := unmarshalNumbers(raw, &values); err != nil {
		return err
	}
	if len(values) != len(r.table.Columns) {
		return fmt.Errorf("a row of %s has %d values, not %d", r.table.Table, len(values), len(r.table.Columns))
	}
	if r.table.Table == "events" {
		leaf, _ := values[slices.Index(r.table.Columns, "leaf")].(string)
		hash := tlog.RecordHash([]byte(leaf))
		if values[slices.Index(r.table.Columns, "hash")] != hash.String() {
			return fmt.Errorf("event %v was altered", values[0])
		}
		r.log.add(hash)
	}
	r.rows++
	r.some = append(r.some, values)
	if len(r.some) == atOnce {
		return r.flush()
	}
	return nil
}

func (r *snapshotReader) flush() (err error) {
	if len(r.some) > 0 && r.each != nil {
		err = r.each(r.table.Table, r.table.Columns, r.some)
	}
	r.some = r.some[:0]
	return err
}

func unmarshalNumbers(raw json.RawMessage, values *[]any) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(values); err != nil {
		return err
	}
	for i, v := range *values {
		if n, ok := v.(json.Number); ok {
			whole, err := n.Int64()
			if err != nil {
				return err
			}
			(*values)[i] = whole
		}
	}
	return nil
}

// Vacant refuses a database in which there is something: an office, or one that has gone
// elsewhere. What an earlier Fill has left there is nothing.
func Vacant(ctx context.Context, name string) error {
	s, err := openAny(ctx, name)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.View(ctx, func(tx *Tx) error { return tx.vacant(name) })
}

func (tx *Tx) vacant(name string) error {
	word, _, err := tx.standing()
	if err != nil || word == filling || word == filled {
		return err
	}
	var n int
	if err := tx.one(`SELECT (SELECT count(*) FROM nouns) + (SELECT count(*) FROM events)`, &n); err != nil {
		return err
	}
	if n > 0 || word != "" {
		return dars.Refuse("not-empty", "store", "there is an office in %s already: name a database that is empty", Address(name))
	}
	return nil
}

// Fill makes a database that is vacant hold what a snapshot holds, in one transaction,
// at whose end finish may still see to it. Nobody can open the database as an office's
// until LetGo; what is cut off before leaves it vacant, and refused.
func Fill(ctx context.Context, name string, from io.Reader, finish func(*Tx) error) (_ *Store, held Snapshot, err error) {
	s, err := openAny(ctx, name)
	if err != nil {
		return nil, held, err
	}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	err = s.turned(ctx, func(tx *Tx) error {
		if err := tx.vacant(name); err != nil {
			return err
		}
		return tx.stand(filling, "")
	})
	if err != nil {
		return nil, held, err
	}
	err = s.turned(ctx, func(tx *Tx) error {
		for _, t := range slices.Backward(keptTables) { // what is owed names an event
			if err := tx.exec(`DELETE FROM ` + t.name); err != nil {
				return err
			}
		}
		held, err = ReadSnapshot(from, tx.insert)
		if err == nil && finish != nil {
			err = finish(tx)
		}
		if err != nil {
			return err
		}
		return tx.stand(filled, "")
	})
	return s, held, err
}

// insert keeps rows of a table. What a letter's server has answered may hold what
// PostgreSQL keeps in no text.
func (tx *Tx) insert(table string, columns []string, rows [][]any) error {
	var places []string
	var args []any
	for _, values := range rows {
		var row []string
		for i, v := range values {
			if text, ok := v.(string); ok && columns[i] == "failed" {
				v = strings.ReplaceAll(text, "\x00", "")
			}
			args = append(args, v)
			row = append(row, fmt.Sprintf("$%d", len(args)))
		}
		places = append(places, "("+strings.Join(row, ", ")+")")
	}
	return tx.exec(`INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES `+strings.Join(places, ", "), args...)
}

// MoveTo has the office go to another database, of either kind, that is vacant: all is
// copied while no act can be done, the copy's log is checked, this database is marked,
// and the other one is let go. Whoever is cut off says it again: at every moment one of
// the two is the office's, or neither is.
func (s *Store) MoveTo(ctx context.Context, name string) (held Snapshot, err error) {
	here := ""
	err = s.View(ctx, func(tx *Tx) (err error) {
		var word string
		if word, here, err = tx.standing(); word == moved && here == Address(name) {
			return err
		}
		return errors.Join(err, tx.mayAct())
	})
	if err != nil {
		return held, err
	}
	if here == "" {
		if err := Vacant(ctx, name); err != nil { // before anybody has to wait
			return held, err
		}
		if err := s.turned(ctx, func(tx *Tx) (err error) { held, err = tx.moveTo(name); return err }); err != nil {
			return held, err
		}
	}
	if held.Tree, err = s.Tree(ctx); err != nil {
		return held, err
	}
	to, err := openAny(ctx, name)
	if err != nil {
		return held, err
	}
	defer to.Close()
	err = to.View(ctx, func(tx *Tx) error {
		there, err := tx.TreeAt(held.Tree.N)
		if err == nil && there != held.Tree {
			err = fmt.Errorf("what is in %s is not what was copied from here", Address(name))
		}
		return err
	})
	if err != nil {
		return held, err
	}
	return held, to.LetGo(ctx)
}

// moveTo fills another database, and marks this one.
func (tx *Tx) moveTo(name string) (held Snapshot, err error) {
	if err := tx.mayAct(); err != nil {
		return held, err
	}
	out, in := io.Pipe()
	wrote := make(chan struct{})
	var was Snapshot
	go func() {
		defer close(wrote)
		defer func() {
			if fault := recover(); fault != nil {
				in.CloseWithError(fmt.Errorf("panic while a snapshot is written: %v", fault))
			}
		}()
		var err error
		was, err = tx.Snapshot(in)
		in.CloseWithError(err)
	}()
	to, held, err := Fill(tx.ctx, name, out, nil)
	out.Close()
	<-wrote
	if err != nil {
		return held, err
	}
	defer to.Close()
	if held.Tree != was.Tree || held.Rows != was.Rows {
		return held, fmt.Errorf("the copy has %d events and %d rows, and the office %d and %d", held.Tree.N, held.Rows, was.Tree.N, was.Rows)
	}
	if _, err := to.Verify(tx.ctx, was.Tree); err != nil {
		return held, fmt.Errorf("the copy is not as its log says: %w", err)
	}
	return held, tx.stand(moved, Address(name))
}

// Size is about how many bytes the database takes on its disk.
func (s *Store) Size(ctx context.Context) (bytes int64, err error) {
	err = s.View(ctx, func(tx *Tx) error { return tx.one(s.size, &bytes) })
	return bytes, err
}
