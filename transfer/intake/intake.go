// Package intake takes in what people hand to the office: files and folders in
// a watched folder, and what was put into submit/ over SFTP.
//
// Both go the same way. A thing is left alone until it has not changed for a
// while by our own clock, because most senders write a file piece by piece
// under its final name; a folder, until all that it names is in it, or for ten
// minutes, after which its sender is told what is missing. Then it is claimed, which exactly one program can do;
// its hash is taken, somebody who knows the process looks at it (Take), and in
// its place stays a verdict, as JSON for programs and as a sentence for people:
//
//	folder/list.csv ──▶ .claimed/ID/list.csv ──▶ accepted/list.csv.verdict.{json,txt}
//	                                        └──▶ rejected/list.csv and the same beside it
//
// The verdict is written before the content goes, so a crash at any moment
// leaves one of the two. After a crash Take may be asked again about the same
// content, which its hash shows.
package intake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime/debug"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"darsd/dars"
)

// An Arrival is one file, or one folder with all that is in it.
type Arrival struct {
	Folder string // which watched folder, or "submit"
	Name   string
	Who    dars.PersonID // dars.ByFolder, or who put it into submit/
	Dir    bool
	Files  fs.FS  // the file under its name, or what is in the folder: regular files, which nobody else can change
	SHA256 string // of the file; of a folder, of the lines that sha256sum prints for its files in order of name
	Bytes  int64
}

// patience is how long a folder that is not complete must not have changed until
// it is taken in as it is.
const patience = 10 * time.Minute

// complete asks whether all that a folder needs is in it. A panic is a yes: Take
// is asked then, and what is wrong comes to light.
func complete(dir fs.FS, ask func(fs.FS) bool) (yes bool) {
	defer func() {
		if recover() != nil {
			yes = true
		}
	}()
	return ask == nil || ask(dir)
}

// An undecided arrival is one of which Take gave no verdict. It is kept, and tried
// again: after a fault of the office's own in a while, after a panic at the next
// start, since asked again now Take would panic again.
type undecided struct {
	err  error
	rest time.Duration // until then it is left alone
}

func (u *undecided) Error() string { return "it is kept, to be tried again: " + u.err.Error() }

const (
	afterFault = 30 * time.Second
	nextStart  = 100 * 365 * 24 * time.Hour
)

// rests says until when claims are left alone.
type rests map[string]time.Time

func (r rests) resting(id string) bool { return time.Now().Before(r[id]) }

// note takes down that a claim came to no decision.
func (r rests) note(id string, err error) {
	var u *undecided
	if errors.As(err, &u) {
		r[id] = time.Now().Add(u.rest)
	}
}

// decide asks Take. A panic in it is an error here: one hostile file must not
// stop the others.
func decide(ctx context.Context, a Arrival, take func(context.Context, Arrival) dars.Verdict) (v dars.Verdict, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &undecided{fmt.Errorf("panic: %v\n%s", p, debug.Stack()), nextStart}
		}
	}()
	v = take(ctx, a)
	switch v.Verdict {
	case dars.VerdictAccepted, dars.VerdictWaiting, dars.VerdictRejected:
		return filled(v, a), nil
	case "":
		return v, &undecided{errors.New("the office has a fault of its own"), afterFault}
	}
	return v, &undecided{fmt.Errorf("the verdict is %q, which is none", v.Verdict), nextStart}
}

// filled adds what we know ourselves to a verdict.
func filled(v dars.Verdict, a Arrival) dars.Verdict {
	v.File = cmp.Or(v.File, a.Name)
	v.SHA256 = cmp.Or(v.SHA256, a.SHA256)
	if v.MissingPages == nil {
		v.MissingPages = []int{} // readers are promised lists, not null
	}
	if v.Signatures == nil {
		v.Signatures = []string{}
	}
	return v
}

// written is a verdict as its two files.
func written(v dars.Verdict) (object, sentence []byte, err error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, nil, err
	}
	return b.Bytes(), []byte(inWords(v)), nil
}

func inWords(v dars.Verdict) string {
	text := map[dars.VerdictWord]string{
		dars.VerdictAccepted: "%q was accepted",
		dars.VerdictWaiting:  "%q was taken in and waits to be confirmed",
		dars.VerdictRejected: "%q was rejected",
	}[v.Verdict]
	if v.Verdict == dars.VerdictWaiting && len(v.Mistakes) > 0 {
		text = "%q was taken in and is to be mended"
	}
	text = fmt.Sprintf(text, v.File)
	if v.Ref != "" {
		text += " (" + v.Ref + ")"
	}
	if v.Reason != "" {
		text += ": " + v.Reason
	}
	text = strings.TrimSuffix(text, ".") + ".\n"
	if len(v.Mistakes) > 1 {
		text += "\nAll that is to be mended:\n\n"
		for _, m := range v.Mistakes {
			text += "    " + strings.ReplaceAll(m.String(), "\n", " ") + "\n"
		}
	}
	return text
}

// digest reads all of an arrival, and returns its hash and size.
func digest(files fs.FS, name string, dir bool) (sum string, size int64, err error) {
	if !dir {
		return hashFile(files, name)
	}
	all := sha256.New()
	err = fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		sum, n, err := hashFile(files, name)
		size += n
		fmt.Fprintf(all, "%s  %s\n", sum, name)
		return err
	})
	return hex.EncodeToString(all.Sum(nil)), size, err
}

func hashFile(files fs.FS, name string) (sum string, size int64, err error) {
	f, err := files.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

// unfinished reports whether a name says that its sender has not finished, or
// that it is not for us: a hidden file, what an editor left behind, a verdict.
func unfinished(name string) bool {
	return dars.IsPartial(name) || notMeant(name)
}

func notMeant(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~")
}

// longest is how many bytes a name may have, so that there is room for what we
// put behind it.
const longest = 200

// checkName refuses names that would be trouble for whoever meets them next.
func checkName(name string) error {
	switch {
	case !utf8.ValidString(name):
		return dars.Refuse("bad-name", name, "the name %q is not UTF-8: name the file in plain letters and send it again", name)
	case strings.ContainsFunc(name, unicode.IsControl):
		return dars.Refuse("bad-name", name, "the name %q has a control character in it: rename the file and send it again", name)
	case len(name) > longest:
		return dars.Refuse("bad-name", name, "the name is %d bytes long: use at most %d and send the file again", len(name), longest)
	}
	return nil
}

// numbered returns a name under which a verdict can be kept, whatever it is
// about: the nth choice, as the first may be taken.
func numbered(name string, n int) string {
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	for len(name) > longest {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	if dars.IsVerdict(name) {
		name += "_" // else it would pass for the verdict on another
	}
	if n > 1 {
		ext := path.Ext(name)
		if ext == name {
			ext = ""
		}
		name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
	}
	return name
}
