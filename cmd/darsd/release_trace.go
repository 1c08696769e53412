package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"darsd/transfer/extract"
)

// tracedView is how many pseudonyms of a file were made for a case. It names nobody.
type tracedView struct {
	Case       string `json:"case"`
	Kind       string `json:"kind"`
	Pseudonyms int    `json:"pseudonyms"`
}

// enough of a file that was found, in bytes: one row tells, and a file may be large.
const enough = 1 << 20

// trace tries the keys of cases on the pseudonyms at the beginning of a file.
func (c *call) trace(name string, stems []string) (found []tracedView, err error) {
	open, err := c.input(name)
	if err != nil {
		return nil, err
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, sum, err := beginning(f)
	if err != nil {
		return nil, err
	}
	// Who asks the keys of all cases, and about which file: not what stands in it.
	if err := c.looked("release trace", "sha256:"+sum); err != nil {
		return nil, err
	}
	keys := map[string][]byte{}
	for _, stem := range stems {
		key, err := c.vault.PseudonymKey(stem, false)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has had no pseudonyms
		}
		if err != nil {
			return nil, err
		}
		keys[stem] = key
	}
	traces, err := extract.TracePseudonyms(text, keys, c.Catalogue.Kinds())
	for _, t := range traces {
		i := slices.IndexFunc(found, func(v tracedView) bool { return v.Case == t.Stem && v.Kind == t.Kind })
		if i < 0 {
			i, found = len(found), append(found, tracedView{Case: t.Stem, Kind: t.Kind})
		}
		found[i].Pseudonyms++
	}
	slices.SortFunc(found, func(a, b tracedView) int { return strings.Compare(a.Case+a.Kind, b.Case+b.Kind) })
	return found, err
}

// beginning is enough of a file, and the SHA-256 of all of it.
func beginning(f io.Reader) (text []byte, sum string, err error) {
	h := sha256.New()
	all := io.TeeReader(f, h)
	if text, err = io.ReadAll(io.LimitReader(all, enough)); err == nil {
		_, err = io.Copy(io.Discard, all)
	}
	return text, hex.EncodeToString(h.Sum(nil)), err
}
