package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "github.com/mattn/go-sqlite3"

	"darsd/store"
)

// tables are those that are copied, in an order that their references allow.
var tables = []struct{ name, columns string }{
	{"events", "seq kind ref leaf hash change salt"},
	{"nouns", "kind ref state body"},
	{"keys", "kind ref name value"},
	{"owed", "id seq what body tries next_at lease until failed done_at"},
	{"filing", "edition"},
}

// copyOver brings the office's tables to PostgreSQL, unless something is there.
func (b *bench) copyOver(ctx context.Context) error {
	s, err := store.Open(ctx, b.postgres) // which makes the tables
	if err != nil {
		return err
	}
	defer s.Close()
	to, err := pgx.Connect(ctx, b.postgres)
	if err != nil {
		return err
	}
	defer to.Close(ctx)
	var n int
	if err := to.QueryRow(ctx, `SELECT count(*) FROM nouns`).Scan(&n); err != nil || n > 0 {
		return err
	}
	from, err := sql.Open("sqlite3", "file:"+b.database()+"?mode=ro")
	if err != nil {
		return err
	}
	defer from.Close()
	for _, t := range tables {
		columns := strings.Fields(t.columns)
		rows, err := from.QueryContext(ctx, `SELECT `+strings.Join(columns, ", ")+` FROM `+t.name)
		if err != nil {
			return err
		}
		_, err = to.CopyFrom(ctx, pgx.Identifier{t.name}, columns, &table{Rows: rows, row: make([]any, len(columns))})
		rows.Close()
		if err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	_, err = to.Exec(ctx, `ANALYZE`)
	return err
}

// A table is one of SQLite's, as pgx copies it.
type table struct {
	*sql.Rows
	row []any
}

func (t *table) Values() ([]any, error) {
	at := make([]any, len(t.row))
	for i := range t.row {
		at[i] = &t.row[i]
	}
	return t.row, t.Scan(at...)
}
