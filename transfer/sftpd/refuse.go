package sftpd

import (
	"errors"
	"io"
	"io/fs"
	"runtime/debug"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pkg/sftp"

	"darsd/dars"
)

// A reason is an error whose text may be told to a stranger.
type reason struct {
	code  error  // one of the library's, which becomes the status
	text  string // for the client
	cause error  // for our log, if there is more to say
	noted bool   // in our log, already
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.code }

// denied is a refusal: clients do not try again.
func denied(sentence string) error {
	return &reason{code: sftp.ErrSSHFxPermissionDenied, text: sentence}
}

// because is a failure with an explanation: some clients try again.
func because(cause error, text string) error {
	return &reason{code: sftp.ErrSSHFxFailure, text: text, cause: cause}
}

var (
	errClosing     = because(nil, "the office is restarting; try again in a minute")
	errIsDirectory = because(nil, "this is a directory")
	errExists      = because(nil, "there is something of that name already")
)

// answer is deferred by everything that the library calls. It tells the log the
// whole story and the client what a stranger may hear: the library sends the
// text of errors to the client, and ours may hold paths of the server. A panic
// in here would otherwise end the program, for the library calls from
// goroutines of its own.
func (c *conn) answer(w *wire, act, path string, err *error) {
	if fault := recover(); fault != nil {
		c.log.Error("panic", "act", act, "path", nameless(path), "panic", fault, "stack", string(debug.Stack()))
		*err = sftp.ErrSSHFxFailure
		return
	}
	if *err != nil {
		*err = c.heard(w, act, path, *err)
	}
}

// nameless is a path as far as it is ours: below collect/, papers/ and receipts/.
// Elsewhere the client has made it up, and people write the numbers of patients
// into names of files.
func nameless(name string) string {
	top, _, _ := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	switch top {
	case "collect", "papers", "receipts":
		return name
	case "submit":
		return "/submit/…"
	}
	return "/…"
}

// unnamed takes the name of a file out of an error.
func unnamed(err error) error {
	var in *fs.PathError
	if errors.As(err, &in) {
		return in.Err
	}
	return err
}

// heard is what a client may hear of an error. What is not there and what
// belongs to others sound the same, because both are simply not in a person's
// tree.
func (c *conn) heard(w *wire, act, path string, err error) error {
	log := c.log.With("act", act, "path", nameless(path), "err", unnamed(err))
	var refusal *dars.Refusal
	var known *reason
	switch {
	case err == io.EOF:
		return err
	case errors.As(err, &refusal):
		log.Info("sftp request refused", "rule", refusal.Rule)
		sentence := plain(refusal.Sentence)
		w.tell(sentence)
		return denied(sentence)
	case errors.As(err, &known):
		if !known.noted {
			log.Info("sftp request refused", "cause", known.cause)
		}
		return known
	case errors.Is(err, fs.ErrNotExist):
		log.Debug("sftp request refused")
		return sftp.ErrSSHFxNoSuchFile
	case errors.Is(err, fs.ErrExist):
		log.Debug("sftp request refused")
		return errExists
	case errors.Is(err, fs.ErrPermission):
		log.Info("sftp request refused")
		return sftp.ErrSSHFxPermissionDenied
	case errors.Is(err, sftp.ErrSSHFxOpUnsupported):
		log.Debug("sftp request refused")
		return sftp.ErrSSHFxOpUnsupported
	}
	log.Error("sftp request failed")
	return sftp.ErrSSHFxFailure
}

// guard is deferred by every goroutine of a connection: a fault in one is no
// reason to end them all.
func (c *conn) guard(doing string) {
	if fault := recover(); fault != nil {
		c.log.Error("panic", "act", doing, "panic", fault, "stack", string(debug.Stack()))
	}
}

// plain is a sentence without anything that a terminal would obey.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if deceives(r) {
			return ' '
		}
		return r
	}, text)
}

// deceives reports whether a character makes what is seen another text than what
// is there: control characters, and those that turn the direction of writing, by
// which "gpj.exe" is read as "exe.jpg".
func deceives(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// validPath checks a path as the client wrote it, which the library has made
// absolute, and returns it without the slash in front: "" is the root. Nothing
// on the server is ever opened by it; it is looked up in a person's tree.
func validPath(path string) (string, error) {
	if len(path) > 1024 || !utf8.ValidString(path) || strings.ContainsFunc(path, deceives) {
		return "", fs.ErrNotExist
	}
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return "", nil
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || len(part) > 255 {
			return "", fs.ErrNotExist
		}
	}
	return path, nil
}
