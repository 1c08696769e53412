package signed

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"strconv"
)

// An addition is what one program has written behind a file at one time (an
// incremental update, ISO 32000-1, 7.5.6).
type addition struct {
	objects map[int]object
	trailer dict
	table   int // where its table of objects stands
	marked  int // where its %%EOF ends
	ends    int // the same, with the line end behind it
}

// A growth is a file of ours with what was added to it.
type growth struct {
	pdf    []byte
	issued int // bytes that are ours
	base   map[int]object
	ours   addition // its last trailer and table
	added  []addition
}

var errOwn = errors.New("the paper as it was issued cannot be read")

// grown takes a file apart. What was added must consist of objects, their table and
// a trailer, and of nothing else; each object stands once in the table of its own
// addition, and nothing there points elsewhere. So no reader can come to see an
// object that this one has not seen.
func grown(pdf []byte, issued int) (*growth, error) {
	g := &growth{pdf: pdf, issued: issued}
	if err := g.own(); err != nil {
		return nil, err
	}
	l := &lexer{pdf: pdf, pos: issued}
	before := g.ours
	for n := 0; ; n++ {
		if err := l.space(); err != nil {
			return nil, err
		}
		if l.pos == len(pdf) {
			return g, nil
		}
		if n > maxAdditions {
			return nil, fmt.Errorf("more than %d times something was added", maxAdditions)
		}
		a, err := l.addition()
		if err != nil {
			return nil, err
		}
		if err := a.follows(before); err != nil {
			return nil, err
		}
		g.added = append(g.added, a)
		before = a
	}
}

// maxAdditions is how often something may be added to a paper: a signature each.
const maxAdditions = 40

// addition reads one.
func (l *lexer) addition() (a addition, err error) {
	a.objects = map[int]object{}
	from := l.pos
	listed, err := l.listedObjects(&a)
	if err != nil {
		return a, err
	}
	for number, o := range a.objects {
		if listed[number] != (entry{o.at, o.generation, o.in}) {
			return a, errors.New("an object was added that its table does not name")
		}
	}
	if len(listed) != len(a.objects) {
		return a, errors.New("a table that was added names what was not added with it")
	}
	if !l.has("startxref") {
		return a, errSyntax
	}
	if err := l.seenByAll(a, from); err != nil {
		return a, err
	}
	if at, err := l.whole(); err != nil || at != a.table {
		return a, errSyntax
	}
	if err := l.space(); err != nil {
		return a, err
	}
	if !bytes.HasPrefix(l.pdf[l.pos:], []byte("%%EOF")) {
		return a, errSyntax
	}
	l.pos += len("%%EOF")
	a.marked, a.ends = l.pos, l.pos
	for _, end := range []string{"\r\n", "\n", "\r"} {
		if bytes.HasPrefix(l.pdf[l.pos:], []byte(end)) {
			a.ends = l.pos + len(end)
			break
		}
	}
	return a, nil
}

// Marks by which a reader finds objects that does not go by the tables.
var (
	objectMark  = regexp.MustCompile(`\d[\x00\t\n\f\r ]+\d+[\x00\t\n\f\r ]+obj`)
	trailerMark = []byte("trailer")
)

// seenByAll refuses an addition in which a reader that repairs files, and then goes
// through all their bytes, would find another object or another trailer than is there:
// one in the middle of a text or a stream.
func (l *lexer) seenByAll(a addition, from int) error {
	objects, trailers := 0, 1
	for _, o := range a.objects {
		if o.in == 0 {
			objects++
		}
		if d, _ := o.value.(dict); o.at == a.table && d["Type"] == name("XRef") {
			trailers = 0
		}
	}
	added := l.pdf[from:l.pos]
	if len(objectMark.FindAllIndex(added, -1)) != objects || bytes.Count(added, trailerMark) != trailers {
		return errors.New("something was added that some programs would take for another part of the paper")
	}
	return nil
}

// listedObjects reads the objects of an addition, and what its table says of them.
func (l *lexer) listedObjects(a *addition) (map[int]entry, error) {
	for !l.has("xref") {
		number, o, err := l.object()
		if err != nil {
			return nil, err
		}
		if _, twice := a.objects[number]; twice || len(a.objects) >= maxObjects {
			return nil, errSyntax
		}
		a.objects[number] = o
		if d, _ := o.value.(dict); o.stream && d["Type"] == name("XRef") {
			return l.streamed(a, number, o)
		}
	}
	a.table = l.pos - len("xref")
	listed, err := l.table()
	if err != nil {
		return nil, err
	}
	t, err := l.thing(0)
	if err != nil {
		return nil, err
	}
	a.trailer, _ = t.(dict)
	for _, o := range a.objects {
		if d, _ := o.value.(dict); o.stream && d["Type"] == name("ObjStm") {
			return nil, errors.New("objects were added that its table does not name")
		}
	}
	return listed, nil
}

// tableRow is a row of a table, of exactly twenty bytes: some readers find the rows by
// that, and others by what stands there (ISO 32000-1, 7.5.4).
var tableRow = regexp.MustCompile(`^(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)$`)

const tableRowBytes = 20

// row reads one.
func (l *lexer) row() (from entry, inUse bool, err error) {
	m := tableRow.FindSubmatch(l.pdf[l.pos:min(l.pos+tableRowBytes, len(l.pdf))])
	if m == nil {
		return from, false, errSyntax
	}
	l.pos += tableRowBytes
	from.at, _ = strconv.Atoi(string(m[1])) // ten digits, and five
	from.generation, _ = strconv.Atoi(string(m[2]))
	return from, m[3][0] == 'n', nil
}

// table reads where objects begin, up to the trailer. That an object is gone it may
// say of none but the first, which is none.
func (l *lexer) table() (map[int]entry, error) {
	listed := map[int]entry{}
	for !l.has("trailer") {
		first, err := l.whole()
		if err != nil {
			return nil, err
		}
		many, err := l.whole()
		if err != nil || many > maxObjects {
			return nil, errSyntax
		}
		if err := l.space(); err != nil {
			return nil, err
		}
		for number := first; number < first+many; number++ {
			from, inUse, err := l.row()
			if err != nil {
				return nil, err
			}
			switch _, twice := listed[number]; {
			case !inUse && number == 0:
			case inUse && !twice && len(listed) < maxObjects:
				listed[number] = from
			default:
				return nil, errSyntax
			}
		}
	}
	return listed, nil
}

// follows checks that an addition stands on the one before it, and on nothing else. Its
// trailer counts all objects: a reader leaves out what is beyond its count (7.5.5).
func (a addition) follows(before addition) error {
	if a.trailer["Encrypt"] != nil || a.trailer["XRefStm"] != nil {
		return errors.New("what was added is encrypted, or holds a second table")
	}
	if !reflect.DeepEqual(a.trailer["Prev"], float64(before.table)) || !reflect.DeepEqual(a.trailer["Root"], before.trailer["Root"]) {
		return errors.New("what was added does not follow the paper as it was issued")
	}
	most, _ := before.trailer["Size"].(float64)
	for number := range a.objects {
		most = max(most, float64(number+1))
	}
	if size, _ := a.trailer["Size"].(float64); size < most {
		return errors.New("what was added counts fewer objects than the paper has, so that some programs would leave parts of it out")
	}
	return nil
}

// own reads the paper as it was issued: all its objects, the newest of each.
func (g *growth) own() error {
	paper := g.pdf[:g.issued]
	g.base = map[int]object{}
	at, err := lastTable(paper)
	for newest := true; ; newest = false {
		if err != nil || at < 0 || at >= len(paper) {
			return errOwn
		}
		l := &lexer{pdf: paper, pos: at}
		if !l.has("xref") {
			return errOwn
		}
		listed, err := l.table()
		if err != nil {
			return errOwn
		}
		t, err := l.thing(0)
		if err != nil {
			return errOwn
		}
		trailer, _ := t.(dict)
		if newest {
			g.ours = addition{trailer: trailer, table: at}
		}
		for number, from := range listed {
			if _, newer := g.base[number]; newer {
				continue
			}
			o := &lexer{pdf: paper, pos: from.at}
			if _, g.base[number], err = o.object(); err != nil {
				return errOwn
			}
		}
		prev, more := trailer["Prev"].(float64)
		if !more {
			return nil
		}
		if int(prev) >= at {
			return errOwn
		}
		at = int(prev)
	}
}

// A view is the file after some additions.
type view struct {
	*growth
	until int // additions
}

// object is the newest of a number.
func (v view) object(number int) (object, bool) {
	for i := v.until - 1; i >= 0; i-- {
		if o, ok := v.added[i].objects[number]; ok {
			return o, true
		}
	}
	o, ok := v.base[number]
	return o, ok
}

// get is what a thing is, or what it points to.
func (v view) get(t thing) thing {
	if r, ok := t.(ref); ok {
		o, _ := v.object(int(r))
		return o.value
	}
	return t
}

func (v view) dict(t thing) dict {
	d, _ := v.get(t).(dict)
	return d
}

func (v view) list(t thing) list {
	l, _ := v.get(t).(list)
	return l
}

// withInherited is a page with what it has from those above it: some programs write that
// into the page itself (ISO 32000-1, 7.7.3.4).
func (v view) withInherited(page dict) dict {
	whole := maps.Clone(page)
	for above, deep := v.dict(page["Parent"]), 0; above != nil && deep < maxNested; above, deep = v.dict(above["Parent"]), deep+1 {
		for _, key := range []name{"Resources", "MediaBox", "CropBox", "Rotate"} {
			if _, own := whole[key]; !own && above[key] != nil {
				whole[key] = above[key]
			}
		}
	}
	return whole
}

// pointers counts from how many places an object is pointed at.
func (v view) pointers(to ref) (n int) {
	var in func(t thing) int
	in = func(t thing) (n int) {
		switch t := t.(type) {
		case ref:
			if t == to {
				return 1
			}
		case list:
			for _, one := range t {
				n += in(one)
			}
		case dict:
			for _, one := range t {
				n += in(one)
			}
		}
		return n
	}
	seen := map[int]bool{}
	for i := v.until; i >= 0; i-- {
		objects := v.base
		if i > 0 {
			objects = v.added[i-1].objects
		}
		for number, o := range objects {
			if !seen[number] {
				seen[number] = true
				n += in(o.value)
			}
		}
	}
	return n
}

// lastTable is where the newest table of a paper of ours begins.
func lastTable(paper []byte) (int, error) {
	i := bytes.LastIndex(paper, []byte("startxref"))
	if i < 0 {
		return 0, errOwn
	}
	l := &lexer{pdf: paper, pos: i + len("startxref")}
	return l.whole()
}
