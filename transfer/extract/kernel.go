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

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
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
