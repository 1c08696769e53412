package vault

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"
)

const (
	window  = 32      // chunks of a draft in memory: 2 MiB, about what OpenSSH has on its way
	longest = 1 << 40 // bytes of a draft
)

// A Draft is a file of a tray that is being written: at any offset, in any order,
// over what was written before, by several goroutines at once. It is encrypted as
// it comes. Nobody sees it until Keep.
//
// A chunk of 64 KiB is gathered in memory. When all of it has come, it is
// encrypted into its place in the file, by whoever wrote its last byte and while
// others write on. Of those that wait for more, the few that were written to last
// stay in memory; the others are set aside in a scratch file, and so is what comes
// for a chunk that is in its place already. That is all there is to do for a file
// that was written once, in whatever order. If anything was written again, Keep
// copies the whole into another file, chunk by chunk: a place is written once.
//
// Errors of the disk are for good: a draft that has met one is never kept.
type Draft struct {
	tray *Tray
	base *File // what it began with, if anything

	mu      sync.Mutex
	quiet   *sync.Cond // told when a chunk is in its place
	main    *sheet     // nil when it is kept or given up
	aside   *scratch   // nil until something is set aside
	size    int64
	kept    int64 // bytes of base that it still begins with
	places  []place
	open    map[int64]*chunk // in memory
	clock   int64            // counts what was done to chunks in memory
	sealing int              // chunks on their way into their place
	spare   []*chunk
	err     error
}

// A place says where one chunk is. What is nowhere is as in base, or zeros.
type place struct {
	at   whereabouts
	used bool // something was encrypted under its number
}

type whereabouts byte

const (
	nowhere  whereabouts = iota
	inMemory             // in Draft.open
	moving               // on its way to being inPlace
	inPlace              // whole, in Draft.main
	setAside             // in Draft.aside
)

// Begin begins a draft: with the content of a file in the tray, or with nothing
// if from is "".
func (t *Tray) Begin(from string) (_ *Draft, err error) {
	defer tell(&err)
	if err := t.make(); err != nil {
		return nil, err
	}
	d := &Draft{tray: t, open: map[int64]*chunk{}}
	d.quiet = sync.NewCond(&d.mu)
	if from != "" {
		if d.base, err = t.open(from); err != nil {
			return nil, err
		}
		d.size, d.kept = d.base.Size(), d.base.Size()
	}
	if d.main, err = t.vault.newSheet(t.dir()); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Size is how long it is.
func (d *Draft) Size() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.size
}

// WriteAt writes as io.WriterAt says. Beyond the end it leaves zeros.
func (d *Draft) WriteAt(p []byte, off int64) (n int, err error) {
	defer tell(&err)
	if off < 0 || off > longest-int64(len(p)) {
		return 0, fmt.Errorf("offset %d: %w", off, fs.ErrInvalid)
	}
	for n < len(p) {
		at := off + int64(n)
		part := p[n:min(len(p), n+int(pieceSize-at%pieceSize))]
		if err := d.write(part, at); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

// write writes within one chunk, and encrypts what is complete by that: it, or
// the one that was the last until now.
func (d *Draft) write(p []byte, off int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, from := off/pieceSize, int(off%pieceSize)
	c, err := d.take(i)
	if err != nil {
		return d.fail(err)
	}
	copy(c.data[from:], p)
	c.cover(from, from+len(p))
	before := d.last()
	d.size = max(d.size, off+int64(len(p)))
	if err := d.settle(i); err != nil {
		return d.fail(err)
	}
	if before != i {
		err = d.settle(before)
	}
	return d.fail(err)
}

// last is the chunk at the end. Only Keep encrypts that one, for it is marked as
// the last.
func (d *Draft) last() int64 { return max(d.size-1, 0) / pieceSize }

// take has a chunk in memory. Called with mu held, which it may let go for a
// while.
func (d *Draft) take(i int64) (*chunk, error) {
	for d.at(i).at == moving {
		d.quiet.Wait()
	}
	if d.err != nil {
		return nil, d.err
	}
	if d.main == nil {
		return nil, fs.ErrClosed
	}
	d.clock++
	if c := d.open[i]; c != nil {
		c.used = d.clock
		return c, nil
	}
	if len(d.open) >= window {
		if err := d.putAside(); err != nil {
			return nil, err
		}
	}
	c := d.blank()
	if err := d.read(i, c); err != nil {
		return nil, err
	}
	c.used = d.clock
	d.open[i], d.at(i).at = c, inMemory
	return c, nil
}

func (d *Draft) at(i int64) *place {
	if missing := i + 1 - int64(len(d.places)); missing > 0 {
		d.places = append(d.places, make([]place, missing)...)
	}
	return &d.places[i]
}

// read fills a blank chunk with what is there, unless that is in memory.
func (d *Draft) read(i int64, c *chunk) error {
	switch d.at(i).at {
	case setAside:
		return d.aside.get(i, c)
	case inPlace:
		c.cover(0, pieceSize)
		return d.main.get(i, c.data)
	}
	if have := min(d.kept-i*pieceSize, pieceSize); have > 0 {
		c.cover(0, int(have))
		if n, err := d.base.ReadAt(c.data[:have], i*pieceSize); int64(n) < have {
			return err
		}
	}
	return nil
}

// putAside makes room in memory. The chunk that was left alone for longest goes.
func (d *Draft) putAside() (err error) {
	oldest := int64(-1)
	for i, c := range d.open {
		if oldest < 0 || c.used < d.open[oldest].used {
			oldest = i
		}
	}
	if d.aside == nil {
		if d.aside, err = d.tray.vault.newScratch(d.tray.dir()); err != nil {
			return err
		}
	}
	c := d.open[oldest]
	if err := d.aside.put(oldest, c); err != nil {
		return err
	}
	d.at(oldest).at = setAside
	d.free(oldest, c)
	return nil
}

// settle encrypts a chunk into its place, if it is complete and the place is
// free. Called with mu held, which it lets go meanwhile.
func (d *Draft) settle(i int64) error {
	c := d.open[i]
	if c == nil || c.count < pieceSize || i >= d.last() || d.at(i).used {
		return nil
	}
	delete(d.open, i)
	*d.at(i) = place{moving, true}
	d.sealing++
	err := errors.New("a chunk was not encrypted") // which stands if encrypt panics
	defer func() {
		d.fail(err) // before anybody goes on who waits for this
		d.sealing--
		d.at(i).at = inPlace
		d.free(i, c)
		d.quiet.Broadcast()
	}()
	err = d.encrypt(i, c)
	return err
}

// encrypt puts a chunk into its place, while others go on with theirs.
func (d *Draft) encrypt(i int64, c *chunk) error {
	d.mu.Unlock()
	defer d.mu.Lock()
	return d.main.put(i, c.data, false)
}

// fail remembers the first error.
func (d *Draft) fail(err error) error {
	if d.err == nil && err != fs.ErrClosed {
		d.err = err
	}
	return err
}

// Truncate makes it shorter, or longer with zeros.
func (d *Draft) Truncate(size int64) (err error) {
	defer tell(&err)
	if size < 0 || size > longest {
		return fmt.Errorf("size %d: %w", size, fs.ErrInvalid)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.rest(); err != nil {
		return err
	}
	if size < d.size {
		if err := d.cut(size); err != nil {
			return d.fail(err)
		}
	}
	d.size = size
	return nil
}

// cut forgets what is beyond a size: it may come back, and then as zeros.
func (d *Draft) cut(size int64) error {
	border, within := size/pieceSize, int(size%pieceSize)
	if within > 0 && border < int64(len(d.places)) && d.places[border].at != nowhere {
		c, err := d.take(border)
		if err != nil {
			return err
		}
		c.cut(within)
		border++
	}
	for i := border; i < int64(len(d.places)); i++ {
		d.places[i].at = nowhere
		d.free(i, d.open[i])
	}
	d.kept = min(d.kept, size)
	return nil
}

// rest waits until nothing is on its way.
func (d *Draft) rest() error {
	for d.sealing > 0 {
		d.quiet.Wait()
	}
	if d.err == nil && d.main == nil {
		return fs.ErrClosed
	}
	return d.err
}

// Prefix is how many bytes from the beginning were all written, or were there
// when it began. What is after them has a hole in it: whoever goes on with a file
// that was broken off begins here.
func (d *Draft) Prefix() (n int64, err error) {
	defer tell(&err)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.rest(); err != nil {
		return 0, err
	}
	for i := range d.last() + 1 {
		n, err := d.prefixOf(i)
		if err != nil {
			return 0, err
		}
		if n < pieceSize {
			return min(i*pieceSize+n, d.size), nil
		}
	}
	return d.size, nil
}

func (d *Draft) prefixOf(i int64) (int64, error) {
	c := d.open[i]
	switch at := d.at(i).at; {
	case at == inPlace:
		return pieceSize, nil
	case at == nowhere:
		return min(max(d.kept-i*pieceSize, 0), pieceSize), nil
	case at == setAside:
		c = d.blank()
		defer func() { d.spare = append(d.spare, c) }()
		if err := d.read(i, c); err != nil {
			return 0, err
		}
	}
	return c.prefix(), nil
}

// Keep puts it into the tray, in the place of a file of that name. When it
// returns, it survives a loss of power. Kept or not, the draft is done with.
func (d *Draft) Keep(name string, modified time.Time) (err error) {
	defer tell(&err)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.rest(); err != nil {
		return err
	}
	defer d.close()
	if err := d.finish(); err != nil {
		return fmt.Errorf("keep an upload: %w", err)
	}
	t := d.tray
	id := rand.Text()
	err = t.change(func(x *index) error {
		if err := x.place(name); err != nil {
			return err
		}
		if x.Entries[name].Dir {
			return pathError(name, fs.ErrExist)
		}
		// Here and not before: what lies there under no name of the index is swept
		// away by whoever takes in.
		if err := t.vault.files.Rename(d.main.name, t.path(id)); err != nil {
			return err
		}
		d.main.name = t.path(id) // to be dropped, if the index cannot be written
		x.Entries[name] = entry{ID: id, Size: d.size, Modified: modified.UTC()}
		return syncDir(t.vault.files, t.dir())
	})
	if err == nil || t.speaksOf(id) {
		d.main.name = "" // it is the tray's
	}
	return err
}

// speaksOf reports whether a content is some file's, as far as can be told.
func (t *Tray) speaksOf(id string) bool {
	x, err := t.read()
	return err != nil || x.contents()[id]
}

// finish encrypts what is not in its place yet: into another file, if one of the
// places is taken by what was written there first.
func (d *Draft) finish() (err error) {
	last, to := d.last(), d.main
	d.at(last)
	if slices.ContainsFunc(d.places[:last], func(p place) bool { return p.used && p.at != inPlace }) {
		if to, err = d.tray.vault.newSheet(d.tray.dir()); err != nil {
			return err
		}
		defer func() {
			if err != nil {
				to.drop()
				return
			}
			d.main.drop()
			d.main = to
		}()
	}
	for i := range last + 1 {
		c := d.open[i]
		if d.at(i).at == inPlace && to == d.main && i < last {
			continue
		}
		if c == nil {
			c = d.blank()
			if err := d.read(i, c); err != nil {
				return err
			}
		}
		if err := to.put(i, c.data[:min(d.size-i*pieceSize, pieceSize)], i == last); err != nil {
			return err
		}
		d.free(i, c)
	}
	return to.finish(d.size)
}

// Close gives the draft up; after Keep it does nothing, so that it can be
// deferred.
func (d *Draft) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rest()
	return d.close()
}

func (d *Draft) close() (err error) {
	if d.main != nil && d.main.name != "" {
		err = d.main.drop()
	} else if d.main != nil {
		err = d.main.file.Close()
	}
	if d.aside != nil {
		err = errors.Join(err, d.aside.file.Close())
	}
	if d.base != nil {
		err = errors.Join(err, d.base.Close())
	}
	d.main, d.aside, d.base, d.open, d.spare = nil, nil, nil, nil, nil
	return err
}
