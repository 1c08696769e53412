package signed

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"reflect"
)

// An entry of a table says where an object begins: in the file, or as which one of an
// object that holds several.
type entry struct{ at, generation, in int }

// maxUnpacked is how many bytes a table or a stream of objects has at most.
const maxUnpacked = 4 << 20

// streamed reads the newer form of table, a stream (ISO 32000-1, 7.5.8), which is the
// trailer as well; and the objects that stand within others (7.5.7). The same holds as
// for the older form: each object stands there once, and the table names all of them
// and nothing else.
func (l *lexer) streamed(a *addition, number int, table object) (map[int]entry, error) {
	a.table, a.trailer = table.at, table.value.(dict)
	rows, err := l.unpacked(table)
	if err != nil {
		return nil, err
	}
	listed, err := rowsOf(a.trailer, rows)
	if err != nil {
		return nil, err
	}
	if at, there := listed[number]; there && at != (entry{at: table.at}) {
		return nil, errSyntax
	}
	listed[number] = entry{at: table.at} // some programs do not name the table itself
	for holder, o := range a.objects {
		if d, _ := o.value.(dict); o.stream && d["Type"] == name("ObjStm") {
			if err := l.within(a, holder, o); err != nil {
				return nil, err
			}
		}
	}
	return listed, nil
}

// rowsOf reads what such a table says. That an object is gone it may say of none but
// the first, which is none.
func rowsOf(d dict, rows []byte) (map[int]entry, error) {
	widths, ok := wholes(d["W"])
	if !ok || len(widths) != 3 || max(widths[0], widths[1], widths[2]) > 6 || widths[0] == 0 || widths[1] == 0 {
		return nil, errSyntax
	}
	index, ok := wholes(d["Index"])
	if d["Index"] == nil {
		size, is := d["Size"].(float64)
		index, ok = []int{0, int(size)}, is
	}
	if !ok || len(index)%2 != 0 {
		return nil, errSyntax
	}
	listed := map[int]entry{}
	for ; len(index) > 0; index = index[2:] {
		for number := index[0]; number < index[0]+index[1]; number++ {
			var row [3]int
			for i, wide := range widths {
				if len(rows) < wide || len(listed) > maxObjects {
					return nil, errSyntax
				}
				for _, b := range rows[:wide] {
					row[i] = row[i]<<8 | int(b)
				}
				rows = rows[wide:]
			}
			_, twice := listed[number]
			switch {
			case row[0] == 0 && number == 0:
			case row[0] == 1 && !twice:
				listed[number] = entry{at: row[1], generation: row[2]}
			case row[0] == 2 && !twice && row[1] > 0:
				listed[number] = entry{at: row[2], in: row[1]}
			default:
				return nil, errSyntax
			}
		}
	}
	if len(rows) > 0 {
		return nil, errSyntax
	}
	return listed, nil
}

// within reads the objects that stand in another, of which none can be a stream. They
// follow each other without a gap in which something could be hidden.
func (l *lexer) within(a *addition, holder int, o object) error {
	d := o.value.(dict)
	many, _ := d["N"].(float64)
	first, _ := d["First"].(float64)
	text, err := l.unpacked(o)
	if err != nil || d["Extends"] != nil || many < 1 || many > maxObjects || first < 0 || first > float64(len(text)) {
		return errSyntax
	}
	head, body := &lexer{pdf: text[:int(first)]}, &lexer{pdf: text[int(first):]}
	for n := range int(many) {
		number, err := head.whole()
		if err != nil {
			return err
		}
		at, err := head.whole()
		if err != nil {
			return err
		}
		if err := body.space(); err != nil || body.pos != at {
			return errSyntax
		}
		value, err := body.thing(0)
		if err != nil {
			return err
		}
		if _, twice := a.objects[number]; twice || len(a.objects) >= maxObjects {
			return errSyntax
		}
		a.objects[number] = object{value: value, at: n, in: holder}
	}
	for _, rest := range []*lexer{head, body} {
		if err := rest.space(); err != nil || rest.pos != len(rest.pdf) {
			return errSyntax
		}
	}
	return nil
}

// unpacked is what a stream holds, if it is packed as such tables are: not at all, or
// by Flate, with or without the differences to the row above.
func (l *lexer) unpacked(o object) ([]byte, error) {
	d := o.value.(dict)
	data := l.pdf[o.data[0]:o.data[1]]
	filter := d["Filter"]
	if one, ok := filter.(list); ok && len(one) == 1 {
		filter = one[0]
	}
	parms := d["DecodeParms"]
	if one, ok := parms.(list); ok && len(one) == 1 {
		parms = one[0]
	}
	switch filter {
	case nil:
		if parms != nil {
			return nil, errSyntax
		}
		return data, nil
	case name("FlateDecode"):
	default:
		return nil, errors.New("a table that was added is packed in a way that is not read")
	}
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, errSyntax
	}
	if data, err = io.ReadAll(io.LimitReader(z, maxUnpacked+1)); err != nil || len(data) > maxUnpacked {
		return nil, errSyntax
	}
	if parms == nil {
		return data, nil
	}
	p, _ := parms.(dict)
	columns, _ := p["Columns"].(float64)
	if !reflect.DeepEqual(p, dict{"Predictor": 12.0, "Columns": columns}) || columns < 1 || columns > 64 {
		return nil, errSyntax
	}
	return summed(data, int(columns))
}

// summed undoes the differences to the row above (ISO/IEC 15948, 9: the filter "up").
func summed(data []byte, columns int) (out []byte, err error) {
	if len(data)%(columns+1) != 0 {
		return nil, errSyntax
	}
	above := make([]byte, columns)
	for ; len(data) > 0; data = data[columns+1:] {
		if data[0] != 2 {
			return nil, errSyntax
		}
		for i, b := range data[1 : columns+1] {
			above[i] += b
		}
		out = append(out, above...)
	}
	return out, nil
}

// wholes is a list of numbers without sign or point.
func wholes(t thing) (all []int, ok bool) {
	l, _ := t.(list)
	for _, t := range l {
		f, is := t.(float64)
		if !is || f < 0 || f > 1<<31 || f != float64(int(f)) {
			return nil, false
		}
		all = append(all, int(f))
	}
	return all, len(all) > 0
}
