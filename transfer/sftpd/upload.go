package sftpd

import (
	"errors"
	"io/fs"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"darsd/dars"
)

// An upload is a file that is being written. It is encrypted as it comes, and put
// into the tray when the client closes it, so that a tray only ever has whole
// files. Until then it is seen in the session that writes it: of two that write
// the same name, the last to close it wins whole.
type upload struct {
	c     *conn
	w     *wire
	draft Draft
	base  int64 // what must not be written over, when appending

	mu       sync.Mutex
	name     string
	opened   string // under which name
	size     int64
	share    share     // of the quota
	modified time.Time // as the client set it, if it did
	changed  bool
	broken   bool   // the line ended before CLOSE
	removed  bool   // by the client, while it was open
	safe     string // under which name what has come so far lies in the tray; "" if it does not
	refused  error  // of the first WRITE that was: there is a hole now, and nothing is kept
}

// upload opens a file in submit/ to be written.
func (v *view) upload(name string, flags sftp.FileOpenFlags) (_ *upload, err error) {
	c := v.c
	t, err := v.submitted()
	if err != nil {
		return nil, err
	}
	there := t["submit/"+name]
	switch {
	case name == "" || there != nil && there.IsDir():
		return nil, errIsDirectory
	case there == nil && !flags.Creat:
		return nil, fs.ErrNotExist
	case there != nil && flags.Creat && flags.Excl:
		return nil, errExists
	}
	if there == nil {
		if err := roomFor(t, name); err != nil {
			return nil, err
		}
	}
	if dars.IsVerdict(name) {
		return nil, fs.ErrPermission
	}
	if err := c.hold(); err != nil {
		return nil, err
	}
	u := &upload{c: c, w: v.w, name: name, opened: name, changed: there == nil || flags.Trunc}
	if err := u.register(); err != nil {
		c.free()
		return nil, v.told(err)
	}
	// Whatever goes wrong, a panic too, it must not keep its place.
	begun := false
	defer func() {
		if !begun {
			u.forget()
		}
	}()
	if err := u.begin(there != nil && !flags.Trunc); err != nil {
		return nil, v.told(err)
	}
	if flags.Append {
		u.base = u.size
	}
	begun = true
	return u, nil
}

// register puts it on the list of what is open.
func (u *upload) register() error {
	c := u.c
	a := c.allowance()
	c.mu.Lock()
	full := len(c.uploads) >= a.limits.OpenHere
	if !full {
		c.uploads[u] = true
	}
	c.mu.Unlock()
	if full {
		return over("at most %d files can be written at once on one connection", a.limits.OpenHere)
	}
	if err := a.begin(c.tray(), c.server.now()); err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.uploads, u)
		return err
	}
	return nil
}

// begin begins the draft: with what is in the tray, if the client resumes, or
// means to truncate it after opening, as scp does.
func (u *upload) begin(resumes bool) (err error) {
	tray := u.c.tray()
	if resumes {
		u.draft, err = tray.Begin(u.name)
		if !errors.Is(err, fs.ErrNotExist) { // else it is open in this session, and not in the tray yet
			if err == nil {
				u.size = u.draft.Size()
				err = u.c.allowance().grow(tray, &u.share, u.size, true, u.c.server.now())
			}
			return err
		}
	}
	u.draft, err = tray.Begin("")
	return err
}

// forget takes it off the list of what is open, with all that was not kept.
func (u *upload) forget() {
	if u.draft != nil {
		u.draft.Close()
	}
	u.c.allowance().end(&u.share, u.size)
	u.c.mu.Lock()
	delete(u.c.uploads, u)
	u.c.mu.Unlock()
	u.c.free()
}

// WriteAt is called for each WRITE, in up to eight goroutines at once. Clients
// that append send offsets from the beginning of the file like all others; one
// that does not is stopped before it writes over what is there.
func (u *upload) WriteAt(p []byte, off int64) (n int, err error) {
	defer u.c.answer(u.w, "write", "/submit/", &err)
	if err := u.admit(off, len(p)); err != nil || len(p) == 0 {
		return 0, err
	}
	n, err = u.draft.WriteAt(p, off)
	if err != nil {
		err = u.refuse(err)
	}
	return n, err
}

// admit notes that bytes are about to be written, if they may be.
func (u *upload) admit(off int64, n int) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	end := off + int64(n)
	var err error
	switch {
	case u.refused != nil || n == 0:
		return u.refused
	case off < 0 || end < off:
		err = u.c.tooLarge()
	case off < u.base:
		err = because(nil, "this would write over what it was to be appended to")
	default:
		err = u.extend(end)
	}
	if err != nil {
		u.refused = told(u.w, err)
		return u.refused
	}
	u.size, u.changed = max(u.size, end), true
	return nil
}

// extend makes room for a size. Called with mu held.
func (u *upload) extend(size int64) error {
	if size > u.c.allowance().limits.FileBytes {
		return u.c.tooLarge()
	}
	return u.c.allowance().grow(u.c.tray(), &u.share, size, false, u.c.server.now())
}

// refuse makes sure that nothing of it is kept.
func (u *upload) refuse(err error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.refused == nil {
		u.refused = told(u.w, err)
	}
	return u.refused
}

// resize makes it longer, with zeros, or shorter.
func (u *upload) resize(size int64) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err := u.extend(size); err != nil {
		return err
	}
	if err := u.draft.Truncate(size); err != nil {
		return err
	}
	u.size, u.changed = size, true
	return nil
}

// Sync makes what has come so far safe: it lies in the tray then, as a file that
// is not finished, and goes on from there. It comes between WRITEs.
func (u *upload) Sync() (err error) {
	defer u.c.answer(u.w, "fsync", "/submit/", &err)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.refused != nil || u.removed || !u.changed {
		return u.refused
	}
	name := u.name
	if !dars.IsPartial(name) {
		name += ".filepart"
	}
	modified := u.modified
	if modified.IsZero() {
		modified = u.c.server.now()
	}
	if err = u.draft.Keep(name, modified); err == nil {
		u.draft.Close()
		u.safe = name
		u.draft, err = u.c.tray().Begin(name)
	}
	if err != nil {
		u.refused = told(u.w, err)
	}
	return u.refused
}

// TransferError is how the library says that the line ended before CLOSE.
func (u *upload) TransferError(error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.broken = true
}

// Close puts it into the tray.
func (u *upload) Close() (err error) {
	defer u.c.answer(u.w, "close", "/submit/", &err)
	defer u.forget()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.refused != nil {
		return u.refused // the client was told, and is not to think better of it
	}
	if u.removed || !u.changed {
		return nil
	}
	return told(u.w, u.keep())
}

// keep keeps it under its name. What was broken off is kept as NAME.filepart, as
// far as it has no gap: the client can go on with it, and it is never taken for
// the whole.
func (u *upload) keep() error {
	name := u.name
	if u.broken {
		if !dars.IsPartial(name) {
			name += ".filepart"
		}
		whole, err := u.draft.Prefix()
		if err != nil || whole == 0 {
			return err
		}
		if err := u.draft.Truncate(whole); err != nil {
			return err
		}
		u.size = whole
	}
	if u.modified.IsZero() {
		u.modified = u.c.server.now()
	}
	if err := u.draft.Keep(name, u.modified); err != nil {
		return err
	}
	if u.safe != "" && u.safe != name {
		if err := u.c.tray().Remove(u.safe); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	u.c.log.Info("uploaded", "bytes", u.size, "broken", u.broken)
	return nil
}

func (c *conn) tooLarge() error {
	return over("a file in submit may have at most %d bytes", c.allowance().limits.FileBytes)
}
