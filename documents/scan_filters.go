package documents

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ledongthuc/pdf"
	"golang.org/x/image/tiff/lzw"
)

// maxSamples is how many bytes a picture may have when it is unpacked: a page in
// colour with 600 dots to the inch.
const maxSamples = 128 << 20

// packed is what a stream of the paper holds, as it lies in the file. The library
// reads the filters of text alone, and its only word on where a stream lies is how it
// prints one.
func packed(paper []byte, v pdf.Value) ([]byte, error) {
	says := v.String()
	at, err := strconv.Atoi(says[strings.LastIndexByte(says, '@')+1:])
	size := v.Key("Length").Int64()
	if err != nil || v.Kind() != pdf.Stream || at < 0 || size < 0 || int64(at)+size > int64(len(paper)) {
		return nil, errors.New("it lies outside the file")
	}
	return paper[at : int64(at)+size], nil
}

// A filter is one of those through which a stream was put (ISO 32000-1, 7.4).
type filter struct {
	name  string
	parms pdf.Value
}

func filtersOf(v pdf.Value) (all []filter) {
	names, parms := v.Key("Filter"), v.Key("DecodeParms")
	if names.Kind() != pdf.Array {
		if names.Name() == "" {
			return nil
		}
		return []filter{{names.Name(), parms}}
	}
	for i := range min(names.Len(), maxForms) {
		f := filter{names.Index(i).Name(), parms.Index(i)}
		if parms.Kind() == pdf.Dict {
			f.parms = parms
		}
		all = append(all, f)
	}
	return all
}

// unpack undoes filters that hold any data, up to the first that holds pictures alone.
func unpack(data []byte, all []filter) ([]byte, []filter, error) {
	for i, f := range all {
		var from io.Reader
		var err error
		switch f.name {
		case "FlateDecode":
			from, err = zlib.NewReader(bytes.NewReader(data))
		case "LZWDecode":
			from = lzw.NewReader(bytes.NewReader(data), lzw.MSB, 8)
		case "ASCII85Decode":
			text, _, _ := bytes.Cut(data, []byte("~>"))
			from = ascii85.NewDecoder(bytes.NewReader(text))
		case "ASCIIHexDecode":
			text, _, _ := bytes.Cut(data, []byte(">"))
			from = hex.NewDecoder(bytes.NewReader(bytes.Join(bytes.Fields(text), nil)))
		case "RunLengthDecode":
			from = bytes.NewReader(runs(data))
		default:
			return data, all[i:], nil
		}
		if err != nil {
			return nil, nil, err
		}
		// A stream that ends early still holds what came before.
		out, err := io.ReadAll(io.LimitReader(from, maxSamples+1))
		if len(out) > maxSamples || err != nil && len(out) == 0 {
			return nil, nil, errors.New("it is too large, or damaged")
		}
		if data, err = unpredicted(out, f.parms); err != nil {
			return nil, nil, err
		}
	}
	return data, nil, nil
}

// runs undoes run lengths (7.4.5).
func runs(data []byte) (out []byte) {
	for len(data) > 1 && data[0] != 128 && len(out) <= maxSamples {
		n := int(data[0])
		if n > 128 {
			out = append(out, bytes.Repeat(data[1:2], 257-n)...)
			data = data[2:]
			continue
		}
		n = min(n+2, len(data))
		out, data = append(out, data[1:n]...), data[n:]
	}
	return out
}

// unpredicted undoes the differences between neighbours (7.4.4.4).
func unpredicted(data []byte, parms pdf.Value) ([]byte, error) {
	how := parms.Key("Predictor").Int64()
	if how < 2 {
		return data, nil
	}
	colours, bits, columns := orElse(parms.Key("Colors"), 1), orElse(parms.Key("BitsPerComponent"), 8), orElse(parms.Key("Columns"), 1)
	if colours < 1 || bits < 1 || columns < 1 || colours > 32 || bits > 16 || columns > maxSamples/colours {
		return nil, errors.New("its predictor is none")
	}
	one, wide := max(colours*bits/8, 1), (colours*bits*columns+7)/8
	if how == 2 {
		if bits != 8 {
			return nil, fmt.Errorf("its predictor is of %d bits", bits)
		}
		for row := data; len(row) >= wide; row = row[wide:] {
			for i := one; i < wide; i++ {
				row[i] += row[i-one]
			}
		}
		return data, nil
	}
	out := data[:0] // it is never longer than what was read
	above := make([]byte, wide)
	for len(data) > 1 {
		kind, row := data[0], data[1:min(wide+1, len(data))]
		data = data[1+len(row):]
		unfiltered(kind, row, above, one)
		out = append(out, row...)
		above = out[len(out)-len(row):]
		if len(row) < wide {
			break
		}
	}
	return out, nil
}

// unfiltered undoes one row of PNG's differences (ISO/IEC 15948, 9).
func unfiltered(kind byte, row, above []byte, one int) {
	for i := range row {
		var left, corner byte
		if i >= one {
			left, corner = row[i-one], above[i-one]
		}
		switch kind {
		case 1:
			row[i] += left
		case 2:
			row[i] += above[i]
		case 3:
			row[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			row[i] += paeth(left, above[i], corner)
		}
	}
}

func paeth(a, b, c byte) byte {
	off := func(v byte) int { d := int(a) + int(b) - int(c) - int(v); return max(d, -d) }
	switch pa, pb, pc := off(a), off(b), off(c); {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func orElse(v pdf.Value, otherwise int) int {
	if v.Kind() != pdf.Integer {
		return otherwise
	}
	return int(v.Int64())
}
