package main

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"darsd/store"
)

// Two logs lie beside the one of events: who read what, and who was refused what. What
// stands in them changes nothing of the office, so no event covers it; each checkpoint has
// how long they were, and their hash.

// accessNow is what the access log is.
func (h *house) accessNow() (store.Digest, error) {
	f, err := h.root.Open(accessLog)
	if errors.Is(err, fs.ErrNotExist) {
		return nothing(), nil
	}
	if err != nil {
		return store.Digest{}, err
	}
	defer f.Close()
	return whole(f)
}

// accessAgainst checks the access log against checkpoints.
func (h *house) accessAgainst(all []store.Checkpoint) (wrong []string, err error) {
	var signed []signedDigest
	for _, c := range all {
		signed = append(signed, signedDigest{c.Access, c.At})
	}
	var is io.Reader = strings.NewReader("")
	f, err := h.root.Open(accessLog)
	if err == nil {
		defer f.Close()
		is = f
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	other, err := unlike(is, signed)
	if err == nil && other != nil {
		wrong = append(wrong, fmt.Sprintf("the access log was altered: its first %d bytes are not those of which a checkpoint was signed on %s", other.Bytes, other.at.Format(time.DateOnly)))
	}
	return wrong, err
}

// The log of refused acts is one long text, of which the last two files are kept. A file
// that is not its first begins with a line that says how many bytes were written before.
type refusedHead struct {
	After int64 `json:"after,omitempty"`
}

// A refusedFile is one of the two, as it was at a moment.
type refusedFile struct {
	*os.File
	name        string
	from, bytes int64
}

// refusedFiles opens those that there are, the older first, in a turn of its own: none is
// put aside meanwhile. Whoever asks closes them.
func (h *house) refusedFiles() (all []refusedFile, err error) {
	now, err := h.turnAtRefused(os.O_RDONLY, math.MaxInt64)
	if err == nil {
		defer syscall.Flock(int(now.Fd()), syscall.LOCK_UN)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	before, err := h.root.Open(refusedBefore)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	end := int64(0)
	for _, f := range []refusedFile{{File: before, name: refusedBefore}, {File: now, name: refusedLog}} {
		if f.File == nil {
			continue
		}
		var is error
		if f.from, f.bytes, is = extent(f.File); f.bytes == 0 {
			f.from = end // its first line is yet to come
		}
		end, err = f.from+f.bytes, errors.Join(err, is)
		all = append(all, f)
	}
	return all, err
}

// extent is how many bytes were written before a file of the log of refused acts, and how
// many it has.
func extent(f *os.File) (from, bytes int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, 0, err
	}
	head, _, err := bufio.NewReader(io.NewSectionReader(f, 0, info.Size())).ReadLine()
	var begins refusedHead
	if errors.Is(err, io.EOF) || json.Unmarshal(head, &begins) != nil {
		err = nil // it is empty, or spoilt: then no checkpoint has it so
	}
	return begins.After, info.Size(), err
}

// refusedSoFar is the line with which the next file begins; none of the first.
func (h *house) refusedSoFar() ([]byte, error) {
	before, err := h.root.Open(refusedBefore)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer before.Close()
	from, bytes, err := extent(before)
	line, _ := json.Marshal(refusedHead{from + bytes}) // of a number
	return append(line, '\n'), err
}

// refusedNow is what the newest file of the log of refused acts is.
func (h *house) refusedNow() (*store.Stretch, error) {
	files, err := h.refusedFiles()
	now := &store.Stretch{Digest: nothing()}
	for _, f := range files {
		defer f.Close()
		if f.name == refusedBefore {
			now.From = f.from + f.bytes
		} else if err == nil {
			now.From = f.from
			now.Digest, err = whole(f.File)
		}
	}
	return now, err
}

// refusedAgainst checks the log of refused acts against checkpoints. What was put aside
// twice since then is gone, as it was to be.
func (h *house) refusedAgainst(all []store.Checkpoint) (wrong []string, err error) {
	files, err := h.refusedFiles()
	for _, f := range files {
		defer f.Close()
	}
	if err != nil {
		return nil, err
	}
	altered := func(sentence string, args ...any) {
		wrong = append(wrong, "the log of refused acts was altered: "+fmt.Sprintf(sentence, args...))
	}
	if where := broken(files); where != "" {
		altered("%s", where)
	}
	oldest, signed := int64(0), map[int64][]signedDigest{}
	if len(files) > 0 {
		oldest = files[0].from
	}
	for _, c := range all {
		if c.Refused != nil && c.Refused.From >= oldest {
			signed[c.Refused.From] = append(signed[c.Refused.From], signedDigest{c.Refused.Digest, c.At})
		}
	}
	for _, from := range slices.Sorted(maps.Keys(signed)) {
		var is io.Reader = strings.NewReader("")
		if i := slices.IndexFunc(files, func(f refusedFile) bool { return f.from == from }); i >= 0 {
			is = files[i]
		}
		other, err := unlike(is, signed[from])
		if err != nil {
			return wrong, err
		}
		if other != nil {
			altered("its %d bytes after byte %d are not those of which a checkpoint was signed on %s", other.Bytes, from, other.at.Format(time.DateOnly))
		}
	}
	return wrong, nil
}

// broken says where files of the log of refused acts do not follow upon each other.
func broken(files []refusedFile) string {
	switch {
	case len(files) == 0:
	case files[0].name == refusedLog && files[0].from > 0:
		return fmt.Sprintf("%s goes on after byte %d, and there is no %s", refusedLog, files[0].from, refusedBefore)
	case files[0].name == refusedBefore && files[0].bytes < mostOfRefusedLog:
		return fmt.Sprintf("%s is shorter than when it was put aside", refusedBefore)
	case len(files) == 2 && files[1].from != files[0].from+files[0].bytes:
		return fmt.Sprintf("%s goes on after byte %d, and %s ends at byte %d", refusedLog, files[1].from, refusedBefore, files[0].from+files[0].bytes)
	}
	return ""
}

type signedDigest struct {
	store.Digest
	at time.Time
}

// unlike is the shortest of some digests that is not one of how a file begins; nil if all
// are.
func unlike(file io.Reader, signed []signedDigest) (*signedDigest, error) {
	slices.SortStableFunc(signed, func(a, b signedDigest) int { return cmp.Compare(a.Bytes, b.Bytes) })
	sum, read := sha256.New(), int64(0)
	for i, d := range signed {
		n, err := io.CopyN(sum, file, d.Bytes-read)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if read += n; read != d.Bytes || hex.EncodeToString(sum.Sum(nil)) != d.SHA256 {
			return &signed[i], nil
		}
	}
	return nil, nil
}

// whole is the digest of a file as it is. What is signed is first brought to the disk, so
// that a power cut does not make it false.
func whole(f *os.File) (store.Digest, error) {
	info, err := f.Stat()
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return store.Digest{}, err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, io.NewSectionReader(f, 0, info.Size()))
	return store.Digest{Bytes: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// nothing is the digest of a file that is not there.
func nothing() store.Digest {
	sum := sha256.Sum256(nil)
	return store.Digest{SHA256: hex.EncodeToString(sum[:])}
}
