package sftpd

import (
	"bytes"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/pkg/sftp"
)

// A view is one SFTP session as the library asks for it: each method below is
// one kind of request, already parsed. What is not in submit/ can only be read.
type view struct {
	c *conn
	w *wire
}

// Fileread opens a file to be read.
func (v *view) Fileread(r *sftp.Request) (_ io.ReaderAt, err error) {
	defer v.c.answer(v.w, "open", r.Filepath, &err)
	name, err := validPath(r.Filepath)
	if err != nil {
		return nil, err
	}
	if upload, in := inSubmit(name); in {
		content, err := v.verdict(upload)
		if err != nil {
			return nil, err
		}
		v.w.open(&handle{serves: pktRead})
		return bytes.NewReader(content), nil
	}
	t, err := v.c.tree(name)
	if err != nil {
		return nil, err
	}
	n := t.find(name)
	switch {
	case n == nil:
		return nil, fs.ErrNotExist
	case n.IsDir():
		return nil, errIsDirectory
	}
	d, err := v.w.download(*n.entry)
	if err != nil {
		return nil, err
	}
	// Whatever goes wrong, a panic too, the download must not stay on the list.
	handed := false
	defer func() {
		if !handed {
			d.drop()
		}
	}()
	if d.expired() {
		sentence := endedAt(d.entry)
		v.w.tell(sentence)
		return nil, denied(sentence)
	}
	if err := v.c.server.Desk.May(v.c.ctx, v.c.who, v.c.visitor, d.entry); err != nil {
		return nil, err
	}
	if d.content, err = v.c.server.Desk.Open(v.c.ctx, v.c.who, d.entry); err != nil {
		return nil, err
	}
	if !d.counted() {
		d.Size = d.content.Size() // it may have been made anew since it was listed
	}
	handed = true
	v.w.open(&handle{serves: pktRead, d: d})
	return d, nil
}

// Filewrite opens a file to be written.
func (v *view) Filewrite(r *sftp.Request) (_ io.WriterAt, err error) {
	defer v.c.answer(v.w, "open to write", r.Filepath, &err)
	name, err := validPath(r.Filepath)
	if err != nil {
		return nil, err
	}
	upload, in := inSubmit(name)
	if !in {
		return nil, fs.ErrPermission
	}
	u, err := v.upload(upload, r.Pflags())
	if err != nil {
		return nil, err
	}
	v.w.open(&handle{serves: pktWrite, to: u})
	return u, nil
}

// Filelist lists a directory, or tells of one file.
func (v *view) Filelist(r *sftp.Request) (_ sftp.ListerAt, err error) {
	defer v.c.answer(v.w, strings.ToLower(r.Method), r.Filepath, &err)
	if r.Method == "Readlink" {
		return nil, sftp.ErrSSHFxOpUnsupported
	}
	name, err := validPath(r.Filepath)
	if err != nil {
		return nil, err
	}
	var t shown
	if _, in := inSubmit(name); in {
		t, err = v.submitted()
	} else {
		t, err = v.c.tree(name)
	}
	if err != nil {
		return nil, err
	}
	n := t.find(name)
	switch {
	case n == nil:
		return nil, fs.ErrNotExist
	case r.Method != "List":
		return listing{n}, nil
	case !n.IsDir():
		return nil, because(nil, "this is no directory")
	}
	return list(t.below(name)), nil
}

// RealPath echoes a path, but none that could not exist: clients print it.
func (v *view) RealPath(p string) (_ string, err error) {
	defer v.c.answer(v.w, "realpath", p, &err)
	p = sftp.NewRequest("", p).Filepath
	_, err = validPath(p)
	return p, err
}

// Filecmd changes something, which is only possible in submit/.
func (v *view) Filecmd(r *sftp.Request) (err error) {
	defer v.c.answer(v.w, strings.ToLower(r.Method), r.Filepath, &err)
	if r.Method == "Symlink" || r.Method == "Link" {
		return sftp.ErrSSHFxOpUnsupported
	}
	name, err := validPath(r.Filepath)
	if err != nil {
		return err
	}
	upload, in := inSubmit(name)
	if !in {
		return fs.ErrPermission
	}
	return v.told(v.alter(r, upload))
}

// alter changes something in submit/.
func (v *view) alter(r *sftp.Request, upload string) error {
	switch r.Method {
	case "Setstat":
		change := change{size: -1}
		attributes := r.Attributes()
		if attributes != nil && r.AttrFlags().Size {
			change.size = min(int64(attributes.Size&(1<<63-1)), 1<<62)
		}
		if attributes != nil && r.AttrFlags().Acmodtime {
			change.modified = time.Unix(int64(attributes.Mtime), 0)
		}
		return v.change(upload, change)
	case "Rename", "PosixRename":
		target, err := validPath(r.Target)
		if err != nil {
			return err
		}
		to, in := inSubmit(target)
		if !in {
			return fs.ErrPermission
		}
		return v.rename(upload, to, r.Method == "PosixRename")
	case "Remove":
		return v.remove(upload)
	case "Mkdir":
		return v.mkdir(upload)
	case "Rmdir":
		return v.rmdir(upload)
	}
	return sftp.ErrSSHFxOpUnsupported
}

// PosixRename renames over what is there, as rclone and WinSCP do at the end of
// an upload.
func (v *view) PosixRename(r *sftp.Request) error {
	r.Method = "PosixRename"
	return v.Filecmd(r)
}

// StatVFS tells what a person has of submit/ and how much of it is free, whatever
// the path: there is nothing else to write to.
func (v *view) StatVFS(r *sftp.Request) (_ *sftp.StatVFS, err error) {
	defer v.c.answer(v.w, "statvfs", r.Filepath, &err)
	const block = 1024
	a := v.c.allowance()
	bytes, entries, err := a.left(v.c.tray())
	if err != nil {
		return nil, err
	}
	free, files := uint64(bytes)/block, uint64(entries)
	return &sftp.StatVFS{
		Bsize: block, Frsize: block, Blocks: uint64(a.limits.Bytes) / block, Bfree: free, Bavail: free,
		Files: uint64(a.limits.Entries), Ffree: files, Favail: files, Namemax: 255,
	}, nil
}

// inSubmit tells whether a path is submit/ or in it, and its name there.
func inSubmit(name string) (string, bool) {
	if name == "submit" {
		return "", true
	}
	return strings.CutPrefix(name, "submit/")
}
