package extract

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"runtime/debug"
	"slices"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"darsd/dars"
)

// How a period is read, with the hands that there are:
//
//	             ┌─▶ worker ─┐
//	split ─chunks┼─▶ worker ─┼─▶ collect ─▶ sink ─▶ file
//	             └─▶ worker ─┘             └─▶ four digests
//
// The workers take turns at reading: each cuts off the next chunk of whole
// records, which costs little more than reading, finds its fields, asks whose
// each row is, and writes down what leaves. One puts the chunks in order again,
// counts, and hands on what leaves. As many chunks are under way as keep all
// busy, so memory does not grow with the source.

// chunkSize is how many bytes of a source a worker takes at a time: what it
// makes of them stays in a processor's cache. It decides where the pieces of a
// packed file begin, so another size gives other bytes.
const chunkSize = 256 << 10

// A pass reads one period.
type pass struct {
	job    *Job
	period string
	files  []*reading // of the period; those after the first are not open yet
	layout layout
	people people
	aside  *quarantine // for malformed rows; nil if one stops the run

	chunk, workers int
	depth          int64               // so many chunks may be under way
	space          *semaphore.Weighted // for them
	texts, outs    shelf               // memory to use again
}

// A chunk is some whole records of one file, and what becomes of them.
type chunk struct {
	text    []byte // with slack behind it
	file    *reading
	offset  int64 // in the file, unpacked
	last    bool  // of its file
	more    bool  // of a file after which another comes
	endless bool  // it is the beginning of a record that is too long
	failed  error // why there is no text, or why it cannot be packed
	weight  int64 // of the space under way

	done   chan struct{} // closed when a worker has filled in the rest
	counts Packed
	lines  int
	out    []byte // what leaves
	packed []byte // the same, packed
	odd    []oddity
	loose  bool // some field of a row stands without quotes; asked only where rows are put aside
}

// An oddity is a record that cannot be read.
type oddity struct {
	at    int // bytes in the chunk, where it begins
	size  int
	fault fault
}

// safely turns a panic into an error. It says nothing of what was being read.
func safely(work func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("packaging: a fault of the program: %w", p)
		default:
			err = errors.New("packaging: a fault of the program")
		}
	}()
	return work()
}

// run reads all and gives what leaves to out, in order. Without out it counts.
func (p *pass) run(ctx context.Context, packed *Packed, out *sink) error {
	p.workers = cmp.Or(p.workers, runtime.GOMAXPROCS(0))
	p.chunk = cmp.Or(p.chunk, chunkSize)
	p.depth = int64(8*p.workers + 8)
	p.space = semaphore.NewWeighted(p.depth)

	order := make(chan *chunk, p.depth)
	g, ctx := errgroup.WithContext(ctx)
	source := newTurns(p.split(ctx, order))
	for range p.workers {
		g.Go(func() error {
			w := &worker{pass: p, tokens: tokens{dialect: p.layout.cutter.in}, writes: out != nil}
			if w.writes {
				w.packer = newPacker(p.job.Output.Compression)
			}
			if all := p.job.counts; all != nil {
				w.teller = all.teller(p.job.Dataset, p.layout.names, p.period)
				defer func() { all.put(w.teller.counter) }()
			}
			return safely(func() error {
				defer source.stop() // one that fails stops all
				for c := source.next(); c != nil; c = source.next() {
					w.read(c)
					close(c.done)
				}
				return context.Cause(ctx) // nil, or why there are no more
			})
		})
	}
	g.Go(func() error {
		return safely(func() error { return p.collect(ctx, order, packed, out) })
	})
	return g.Wait()
}

// A reading is one file of a period while it is cut into chunks. Its records
// give the header, and leave what they have read of the rest.
type reading struct {
	path   string
	refuse refusing
	*records
	file io.Closer
	rest []byte
}

// split cuts every file into chunks, and says in which order they come. What
// cannot be read is told in its place, after what is wrong before it.
func (p *pass) split(ctx context.Context, order chan<- *chunk) iter.Seq[*chunk] {
	send := func(c *chunk) bool {
		select {
		case order <- c:
			return true
		case <-ctx.Done():
			return false
		}
	}
	return func(yield func(*chunk) bool) {
		defer close(order)
		for i, file := range p.files {
			stopped := false
			err := p.splitFile(ctx, file, func(c *chunk) bool {
				c.more, c.done = i < len(p.files)-1, make(chan struct{})
				stopped = !send(c) || !yield(c)
				return !stopped
			})
			if stopped || ctx.Err() != nil {
				return
			}
			if err != nil {
				c := &chunk{file: file, failed: err, done: make(chan struct{})}
				close(c.done)
				send(c)
				return
			}
		}
	}
}

func (p *pass) splitFile(ctx context.Context, file *reading, send func(*chunk) bool) error {
	if file.records == nil {
		if err := p.open(file); err != nil {
			return err
		}
	}
	defer file.file.Close()
	file.rest = file.buf[file.from:file.to]
	for {
		c, err := p.next(ctx, file)
		if err != nil {
			return err
		}
		if len(c.text) == 0 {
			p.space.Release(c.weight)
			return nil
		}
		if !send(c) || c.last {
			return nil
		}
	}
}

// next cuts off the next chunk. A record that fills it gets one of four times
// the size; one so large that others must not stand beside it waits until they are
// done.
func (p *pass) next(ctx context.Context, file *reading) (*chunk, error) {
	c := &chunk{file: file, weight: 1, offset: file.given}
	if err := p.space.Acquire(ctx, c.weight); err != nil {
		return nil, err
	}
	text := p.texts.take(max(p.chunk, len(file.rest)) + slack)
	text = append(text, file.rest...)
	for limit := p.chunk; ; limit = min(4*limit, maxRecord) {
		if limit > 4*p.chunk && c.weight == 1 {
			if err := p.space.Acquire(ctx, p.depth-1); err != nil {
				return nil, err
			}
			c.weight = p.depth
		}
		if c.weight > 1 {
			debug.FreeOSMemory() // or what was too small for it would count twice
		}
		if len(text) < limit && !file.ended {
			text = slices.Grow(text, limit+slack-len(text))
			n, ended, err := fill(file.source, text[len(text):limit])
			text, file.ended = text[:len(text)+n], ended
			if err != nil {
				return nil, err
			}
		}
		c.last = file.ended && len(text) <= limit
		end := len(text)
		if !c.last {
			end = p.border(text[:min(limit, len(text))])
		}
		if end > 0 || c.last || limit >= maxRecord {
			if c.endless = end == 0 && len(text) > 0 && !c.last; c.endless {
				end = len(text)
			}
			file.rest = append(file.rest[:0], text[end:]...)
			file.given += int64(end)
			c.text = slices.Grow(text[:end], slack)
			return c, nil
		}
	}
}

// border returns where the last whole record of a text ends, which begins with
// a record. As long as no record is malformed, a line end after an even number
// of quotes ends one: inside a quoted field there is an odd number behind. If
// one is malformed the border may be wrong, and so is all that is read behind
// it; but then the run ends before: rows that are put aside have their quotes
// right.
func (p *pass) border(text []byte) int {
	quotes := 0
	if p.layout.cutter.in.quoted {
		quotes = bytes.Count(text, []byte{'"'})
	}
	for end := len(text); ; {
		feed := bytes.LastIndexByte(text[:end], '\n')
		if feed < 0 {
			return 0
		}
		if p.layout.cutter.in.quoted {
			quotes -= bytes.Count(text[feed+1:end], []byte{'"'})
		}
		if quotes%2 == 0 {
			return feed + 1
		}
		end = feed
	}
}

// A worker finds the rows of chunks, one chunk at a time.
type worker struct {
	*pass
	tokens tokens
	writes bool
	packer packer
	teller *teller // if rows are counted

	values [][]byte // of the person column
	inside []bool   // whether the plan's filters want the row
	stands []standing
	who    []uint64
	fields []uint32 // of one row
	ends   []uint32 // of rows that were found letter by letter
}

// read fills in what becomes of a chunk.
func (w *worker) read(c *chunk) {
	if w.writes {
		c.out = w.outs.take(w.chunk)
	}
	ends, ascii, regular := w.tokens.fields(c.text, w.layout.cutter.width)
	if regular && !c.endless {
		w.rows(c, 0, ends)
	} else {
		w.letterByLetter(c)
	}
	c.lines = w.tokens.lines
	c.counts.unclear = !ascii && !utf8.Valid(c.out)
	if len(c.odd) == 0 { // nobody looks at it again
		w.texts.put(c.text, w.large())
		c.text = nil
	}
	if w.packer != nil && len(c.out) > 0 {
		c.packed, c.failed = w.packer.pack(w.outs.take(w.chunk), c.out)
	}
}

// letterByLetter reads a chunk in which something is odd, and says what. Rows
// between oddities are read as any others.
func (w *worker) letterByLetter(c *chunk) {
	begun := 0 // where the rows begin whose ends are in w.ends
	w.ends = w.ends[:0]
	for at := 0; at < len(c.text); {
		size, ends, bad := w.layout.cutter.in.scan(c.text[at:], c.last, w.fields[:0])
		w.fields = ends
		switch {
		case bad == nil && size == 0:
			size, bad = len(c.text)-at, &fault{why: tooLong}
		case bad == nil && len(ends) != w.layout.cutter.width:
			bad = &fault{why: w.miscounted(c.text[at:at+size], len(ends)), miscounted: true}
		}
		if bad == nil {
			for _, end := range ends {
				w.ends = append(w.ends, uint32(at)+end)
			}
			if w.ends[len(w.ends)-1] = uint32(at + size); c.text[at+size-1] == '\n' {
				w.ends[len(w.ends)-1]--
			}
			at += size
			continue
		}
		w.rows(c, begun, w.ends)
		w.ends = w.ends[:0]
		c.odd = append(c.odd, oddity{at, size, *bad})
		if w.aside == nil || !bad.miscounted || len(c.odd) > mostOdd {
			return // the run ends here
		}
		at += size
		begun = at
	}
	w.rows(c, begun, w.ends)
}

// miscounted says how a row differs from the layout.
func (w *worker) miscounted(row []byte, fields int) string {
	if len(bytes.TrimRight(row, "\r\n")) == 0 {
		return "it is empty"
	}
	return fmt.Sprintf("it has %d fields, and there are %d columns", fields, w.layout.cutter.width)
}

// rows takes rows that follow one another, the first of which begins at from. It
// goes over them twice: for whose they are, and for what leaves of them.
func (w *worker) rows(c *chunk, from int, ends []uint32) {
	width := w.layout.cutter.width
	rows := len(ends) / width
	w.values, w.inside, w.stands, w.who = sized(w.values, rows), sized(w.inside, rows), sized(w.stands, rows), sized(w.who, rows)
	for i, row := range placed(c.text, from, ends, width) {
		w.values[i] = row.field(w.layout.person)
		w.inside[i] = w.wanted(row)
	}
	w.people.stand(w.values, w.inside, w.stands, w.who)

	keepsNameless := !w.job.Uphold || w.job.Dataset.Unmatched == dars.ReleaseRow
	n := &c.counts
	for i, row := range placed(c.text, from, ends, width) {
		switch {
		case !w.inside[i]:
			n.RowsOutside++
			continue
		case w.stands[i] == objects:
			n.RowsWithheld++
			w.tell(row, i)
			continue
		case w.stands[i] == nameless:
			if n.RowsUnmatched++; !keepsNameless {
				continue
			}
		}
		n.RowsOut++
		if w.writes {
			w.write(c, row)
		}
		w.tell(row, i)
	}
	n.RowsIn += int64(rows)
	c.loose = c.loose || w.aside != nil && w.anyLoose(c.text, from, ends)
}

// tell tells whoever counts rows of one that is in today's list or in an earlier one.
func (w *worker) tell(row *record, i int) {
	if w.teller == nil {
		return
	}
	if in := w.people.in(w.who[i], w.stands[i]); in != 0 {
		w.teller.tell(row, w.who[i], in)
	}
}

// anyLoose reports whether some field of rows stands without quotes.
func (w *worker) anyLoose(text []byte, from int, ends []uint32) bool {
	if !w.layout.cutter.in.quoted {
		return len(ends) > 0
	}
	for _, row := range placed(text, from, ends, w.layout.cutter.width) {
		for n := range row.ends {
			if field := row.field(n); len(field) == 0 || field[0] != '"' {
				return true
			}
		}
	}
	return false
}

// placed numbers rows that follow one another, the first of which begins at from.
// A row is valid until the next: it is never copied, which would cost more than to
// find it.
func placed(text []byte, from int, ends []uint32, width int) iter.Seq2[int, *record] {
	return func(yield func(int, *record) bool) {
		row := record{text: text}
		for n := 0; len(ends) > 0; n, ends = n+1, ends[width:] {
			row.ends, row.stop = ends[:width], int(ends[width-1])
			row.from, row.to = from, min(row.stop+1, len(text))
			from = row.to
			if row.stop > row.start(width-1) && text[row.stop-1] == '\r' {
				row.stop--
			}
			if !yield(n, &row) {
				return
			}
		}
	}
}

// wanted asks the plan's filters about a row.
func (w *worker) wanted(row *record) bool {
	return !slices.ContainsFunc(w.layout.plan.where, func(wants func(*record) bool) bool { return !wants(row) })
}

// write appends a row to what leaves.
func (w *worker) write(c *chunk, row *record) {
	cut, from, ok := w.layout.cutter, len(c.out), false
	if cut.steps != nil {
		c.out, ok = cut.walk(c.out, row)
	} else {
		c.out, ok = cut.write(c.out, row)
	}
	if !ok {
		c.odd = append(c.odd, oddity{row.from, row.to - row.from, fault{why: cannotQuote}})
	}
	// Or the next file's first row would be part of this one, and a row of nothing none.
	if unended := c.last && row.to == len(c.text) && c.text[row.to-1] != '\n'; unended && (c.more || len(c.out) == from) {
		c.out = append(c.out, w.layout.lineEnd...)
	}
}

// collect takes the chunks in order: it counts, puts aside what is malformed,
// and hands on what leaves.
func (p *pass) collect(ctx context.Context, order <-chan *chunk, packed *Packed, out *sink) error {
	around := frame{gzip: p.job.Output.Compression == "gzip"}
	begin := append(slices.Clone(p.files[0].mark), p.layout.header...)
	if out != nil {
		if err := p.begin(out, &around, begin); err != nil {
			return err
		}
	}
	var file *reading
	var odd oddities
	line := 0
	for c := range order {
		select {
		case <-c.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if c.failed != nil {
			return wrong(c.failed, c.file.refuse)
		}
		if c.file != file { // its header is not in a chunk
			file, line, odd = c.file, c.file.lines, oddities{}
		}
		if err := p.putAside(c, line, &odd, packed); err != nil {
			return err
		}
		line += c.lines
		packed.count(c.counts)
		p.job.rows += c.counts.RowsIn
		if p.job.tell(); out == nil {
			p.release(c)
			continue
		}
		around.count(c.out)
		leaves := c.out
		if c.packed != nil {
			leaves = c.packed
		}
		if err := out.write(leaves, func() { p.release(c) }); err != nil {
			return err
		}
	}
	if out == nil {
		return nil
	}
	return out.write(around.tail(), nil)
}

// begin writes what stands before the first row.
func (p *pass) begin(out *sink, around *frame, begin []byte) error {
	around.count(begin)
	if packer := newPacker(p.job.Output.Compression); packer != nil {
		packed, err := packer.pack(around.head(), begin)
		if err != nil {
			return err
		}
		begin = packed
	}
	return out.write(begin, nil)
}

// release gives back what a chunk has used.
func (p *pass) release(c *chunk) {
	p.texts.put(c.text, p.large())
	p.outs.put(c.out, p.large())
	p.outs.put(c.packed, p.large())
	p.space.Release(c.weight)
}

// large is how many bytes are not kept for other chunks: only a long record
// needs so much.
func (p *pass) large() int { return 8*p.chunk + slack }
