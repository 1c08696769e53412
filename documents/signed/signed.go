// Package signed judges a paper that comes back signed digitally.
//
// A signature on a PDF says that somebody has signed some bytes. It does not say that
// what is seen is what they signed, nor that it is what the office has issued: files
// altered behind a signature still show as validly signed (shadow attacks: something
// that was hidden is shown, or shown things are covered or replaced, by what is added
// later), and so do files that were altered first and signed then. So three things are
// asked here, in this order:
//
//   - The file begins with exactly the bytes that were issued. (The caller asks: it
//     has their hash.)
//   - What was added behind them, each time, is a signature with its field and its
//     picture where no words are, and nothing else ([growth], [comparison]). The table
//     of each addition names what was added with it, and no more, so that no reader can
//     come to see something else.
//   - Each signature covers all that stood there when it was made but its own hole, the
//     last one the whole file but for what shows that certificates are good, which some
//     programs write behind it; it is right (cms.go), and by somebody whom the office
//     accepts (trust.go).
//
// Whether a certificate was revoked is read in lists that the office has fetched
// (revoked.go), and nobody is asked over the network.
package signed

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Answer is what was found in a file.
type Answer struct {
	Issued     int         `json:"issued,omitempty"`     // bytes that its first signature covers; of a paper of ours, all that was issued
	Signatures []Signature `json:"signatures,omitempty"` // that were added, oldest first
	Borne      bool        `json:"borne,omitempty"`      // there are signatures behind it, or its first is no seal of an office
	Fault      string      `json:"fault,omitempty"`      // why what was added cannot be accepted as signatures, and nothing else
}

// Read looks at what a file bears. It never fails: what is wrong is in the answer.
func Read(pdf []byte) (a Answer) {
	defer func() {
		if recover() != nil { // of parsers that outsiders write for
			a.Signatures, a.Fault = nil, "what was added cannot be read"
		}
	}()
	a.Issued = sealedPart(pdf)
	borne := bytes.Count(pdf, []byte("/ByteRange"))
	a.Borne = borne > 1 || borne == 1 && !bytes.Contains(pdf, []byte(seal))
	if !a.Borne || a.Issued == 0 || a.Issued == len(pdf) {
		return a
	}
	var err error
	if a.Signatures, err = judge(pdf, a.Issued); err != nil {
		a.Signatures, a.Fault = nil, err.Error()
	}
	return a
}

// seal is the name of the field in which the office puts its own.
const seal = "(Seal of the office)"

// sealedPart is how far the first signature of a file covers it, written as the
// office writes it; 0 if there is none.
func sealedPart(pdf []byte) int {
	_, rest, found := bytes.Cut(pdf, []byte("/ByteRange [0 "))
	if !found {
		return 0
	}
	l := &lexer{pdf: rest[:min(len(rest), 64)]}
	var n [3]int
	for i := range n {
		var err error
		if n[i], err = l.whole(); err != nil || n[i] > len(pdf) {
			return 0
		}
	}
	if end := n[1] + n[2]; n[0] < n[1] && end <= len(pdf) {
		return end
	}
	return 0
}

// judge returns the signatures behind the first bytes of a file, if there is nothing
// else.
func judge(pdf []byte, issued int) (all []Signature, err error) {
	g, err := grown(pdf, issued)
	if err != nil {
		return nil, err
	}
	covered := issued
	var behind []*comparison // what was added since
	for n, a := range g.added {
		c, err := g.compare(n)
		if err != nil {
			return nil, err
		}
		behind = append(behind, c)
		if len(c.fields) > 1 {
			return nil, errors.New("two signatures were added at once, of which one cannot cover the other")
		}
		for _, field := range c.fields {
			s, end, err := c.signature(field)
			if err != nil {
				return nil, err
			}
			if end < a.marked || end > a.ends {
				return nil, errors.New("a signature does not cover all that stood there when it was made")
			}
			all, covered, behind = append(all, s), end, nil
		}
	}
	switch {
	case !slices.ContainsFunc(all, func(s Signature) bool { return !s.Stamp }):
		return nil, errors.New("something was added to the paper, and no signature covers it")
	case covered != len(pdf) && !g.certificatesAlone(behind):
		return nil, errors.New("something was added behind the last signature, which does not cover it: sign once more, and last")
	}
	return all, nil
}

// signature checks the one in a field, and returns how far it covers the file.
func (c *comparison) signature(field int) (s Signature, end int, err error) {
	r, ok := c.is.dict(ref(field))["V"].(ref)
	if !ok || c.fresh(r) != nil {
		return s, 0, errors.New("a signature is not an object of its own")
	}
	o := c.a.objects[int(r)]
	d, _ := o.value.(dict)
	kind, _ := d["SubFilter"].(name)
	check := verify
	switch kind {
	case "adbe.pkcs7.detached", "ETSI.CAdES.detached":
	case "ETSI.RFC3161":
		check = verifyStamp
	default:
		return s, 0, fmt.Errorf("a signature is of the kind %q, which is not read: sign as adbe.pkcs7.detached or ETSI.CAdES.detached", short(string(kind)))
	}
	covers, _ := c.is.get(d["ByteRange"]).(list)
	from, to, rest, ok := rangeOf(covers)
	if !ok || o.hole != [2]int{from, to} || rest > len(c.pdf)-to {
		return s, 0, errors.New("a signature leaves out more than its own place")
	}
	der, err := whole(c.pdf[from:to])
	if err != nil {
		return s, 0, err
	}
	if s, err = check(bytes.Join([][]byte{c.pdf[:from], c.pdf[to : to+rest]}, nil), der); err != nil {
		return s, 0, err
	}
	if said, ok := d["M"].(text); ok && s.At.IsZero() {
		s.At = moment(string(said))
	}
	return s, to + rest, nil
}

// moment reads a time as PDF writes it (ISO 32000-1, 7.9.4); one that cannot be read
// is none.
func moment(said string) time.Time {
	said = strings.ReplaceAll(strings.TrimPrefix(said, "D:"), "'", "")
	for _, layout := range []string{"20060102150405Z0700", "20060102150405Z", "20060102150405"} {
		if at, err := time.Parse(layout, said); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// rangeOf reads [0 from to rest]: what is covered before the hole, and behind it.
func rangeOf(l list) (from, to, rest int, ok bool) {
	var n [4]int
	if len(l) != len(n) {
		return 0, 0, 0, false
	}
	for i, t := range l {
		f, is := t.(float64)
		if n[i] = int(f); !is || f < 0 || f > 1<<31 || f != float64(n[i]) {
			return 0, 0, 0, false
		}
	}
	return n[1], n[2], n[3], n[0] == 0 && n[1] < n[2]
}
