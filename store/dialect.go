package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"
)

// A dialect is all that the two databases do not share. Every query is written
// once, with $1 for the first argument.
type dialect struct {
	driver      string
	write, read string                                         // addresses, of acts and of views
	settle      func(context.Context, *sql.DB) error           // brings the first connection of acts about
	query       func(string) string                            // a query as the driver wants it
	schema      func(string) string                            // a migration as the database wants it
	isolation   *sql.TxOptions                                 // of acts
	turn        string                                         // waits until no other act runs
	tell        string                                         // tells other programs that something has changed, once committed
	watch       func(context.Context, *sql.Conn, func()) error // calls back for each change
	compact     func(context.Context, *sql.DB) error           // leaves nothing of what was deleted
	size        string                                         // asks how many bytes the database takes
	noText      func(column string) string                     // whether a column of text holds something else
	nap         time.Duration                                  // who waits for their turn looks so often whether it has come; 0 if they are told
}

func dialectOf(name string) (dialect, error) {
	if strings.HasPrefix(name, "postgres://") {
		return postgres(name), nil
	}
	return sqlite(name)
}

// postgres is a server's database. Several programs, on several machines, may have
// it open.
func postgres(address string) dialect {
	address = uncompiled(address)
	return dialect{
		driver: "pgx", write: address, read: address,
		settle: func(ctx context.Context, acts *sql.DB) error { return acts.PingContext(ctx) },
		query:  strings.Clone,
		// By bytes, as SQLite sorts: the next reference follows the highest.
		schema:    func(text string) string { return strings.ReplaceAll(text, " TEXT", ` TEXT COLLATE "C"`) },
		isolation: &sql.TxOptions{Isolation: sql.LevelReadCommitted},
		turn:      `SELECT pg_advisory_xact_lock(hashtext('darsd ' || current_schema()))`,
		tell:      `SELECT pg_notify('darsd', current_schema())`,
		watch:     listen,
		compact: func(ctx context.Context, acts *sql.DB) error {
			_, err := acts.ExecContext(ctx, `VACUUM (FULL) nouns, keys, events, owed`)
			return err
		},
		size: `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
			WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'`,
		noText: func(string) string { return `FALSE` }, // it takes nothing else
	}
}

// uncompiled asks a server not to compile queries: to compile one takes longer than
// nearly any of ours runs. An address that says otherwise is left as it is.
func uncompiled(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Query().Has("jit") {
		return address
	}
	q := u.Query()
	q.Set("jit", "off")
	u.RawQuery = q.Encode()
	return u.String()
}

// cached keeps so many statements of each connection as SQLite has read them: to read
// one again takes longer than most take to run.
const cached = "&_stmt_cache_size=64"

var numbered = regexp.MustCompile(`\$(\d+)`)

// sqlite is a file, made here if there is none, so that nobody else can read it
// from its first moment.
func sqlite(name string) (dialect, error) {
	// Only where there is none: to open and close a file that SQLite has open in
	// this process would take away its locks, and with them the file's soundness.
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		f.Close()
	} else if !errors.Is(err, os.ErrExist) {
		return dialect{}, fmt.Errorf("cannot open the database: %w", err)
	}
	for _, made := range []string{name, name + "-wal", name + "-shm"} {
		if err := mayWrite(made); err != nil {
			return dialect{}, fmt.Errorf("cannot open the database: %w", err)
		}
	}
	file := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(name)
	return dialect{
		driver: "sqlite3",
		write:  file + "?_foreign_keys=1&_journal_mode=WAL&_synchronous=FULL&_busy_timeout=60000&_txlock=immediate" + cached,
		// A pool of its own: on the first one a read-only transaction waits for acts as well.
		read:   file + "?_query_only=1&_busy_timeout=10000" + cached,
		settle: toWAL,
		// In this driver $2 is a name, bound by first appearance; ?2 is the second argument.
		query:  func(q string) string { return numbered.ReplaceAllString(q, "?$1") },
		schema: strings.Clone,
		turn:   `SELECT 1`, // _txlock=immediate has waited
		tell:   `SELECT 1`, // the file's version number changes by itself
		watch:  poll,

		compact: rewrite,
		noText:  func(column string) string { return `typeof(` + column + `) NOT IN ('text', 'null')` },
		size:    `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`,
		nap:     100 * time.Millisecond,
	}, nil
}

// mayWrite asks, without opening it, whether a file may be read and written, if it is
// there. SQLite would name neither the file nor the reason.
func mayWrite(file string) error {
	const readAndWrite = 4 | 2 // R_OK, W_OK
	if err := syscall.Access(file, readAndWrite); err != nil && err != syscall.ENOENT {
		return &os.PathError{Op: "open", Path: file, Err: err}
	}
	return nil
}

// toWAL makes the first connection, which turns a new file into one with a
// write-ahead log. Of two programs that do so at once, SQLite refuses one without
// letting it wait: each holds what the other needs. So that one asks again.
func toWAL(ctx context.Context, acts *sql.DB) error {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	for {
		err := acts.PingContext(ctx)
		var lite sqlite3.Error
		if !errors.As(err, &lite) || lite.Code != sqlite3.ErrBusy {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// rewrite has SQLite write its file anew, and empty its write-ahead log. As long as
// somebody reads by what lies in that it stays, and this is to be done again.
func rewrite(ctx context.Context, acts *sql.DB) error {
	if _, err := acts.ExecContext(ctx, `VACUUM`); err != nil {
		return err
	}
	var busy, pages, moved int
	if err := acts.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("the database was read while it was to be written anew")
	}
	return nil
}

// plain puts the operating system's own word on what kept a database from
// writing, where the driver has one of its own.
func plain(err error) error {
	var lite sqlite3.Error
	var server *pgconn.PgError
	switch {
	case errors.As(err, &lite) && lite.Code == sqlite3.ErrIoErr && lite.SystemErrno != 0:
		return because{err, lite.SystemErrno}
	case errors.As(err, &lite) && lite.Code == sqlite3.ErrFull, errors.As(err, &server) && server.Code == diskFull:
		return fmt.Errorf("%w: %w", err, syscall.ENOSPC)
	case errors.As(err, &lite) && (lite.Code == sqlite3.ErrReadonly || lite.Code == sqlite3.ErrCantOpen):
		return fmt.Errorf("%w: %w", err, syscall.EROFS)
	}
	return err
}

const diskFull = "53100"

// because is an error that says in its words already what kept the database from
// writing, and is that, too.
type because struct {
	error
	why syscall.Errno
}

func (b because) Unwrap() []error { return []error{b.error, b.why} }

// poll looks every quarter of a second at a number that changes when another
// connection writes. Reading it costs no disk.
func poll(ctx context.Context, c *sql.Conn, changed func()) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	var last int64
	for {
		var now int64
		if err := c.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&now); err != nil {
			return err
		}
		if now != last {
			last = now
			changed() // the first time too: something may have been missed before
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// listen waits for what other programs tell after their commits.
func listen(ctx context.Context, c *sql.Conn, changed func()) error {
	return c.Raw(func(driver any) error {
		conn := driver.(*stdlib.Conn).Conn()
		var schema string
		if err := conn.QueryRow(ctx, `SELECT current_schema()`).Scan(&schema); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, `LISTEN darsd`); err != nil {
			return err
		}
		changed() // something may have been missed before
		for {
			// A line that is dead on the other side tells nothing for ever: so it is
			// tried now and then.
			wait, stop := context.WithTimeout(ctx, 30*time.Second)
			told, err := conn.WaitForNotification(wait)
			stop()
			switch {
			case err == nil && told.Payload == schema:
				changed()
			case err == nil:
			case ctx.Err() == nil && wait.Err() != nil:
				if err := conn.Ping(ctx); err != nil {
					return err
				}
			default:
				return err
			}
		}
	})
}
