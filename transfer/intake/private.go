package intake

import (
	"io"
	"io/fs"
	"path"

	"filippo.io/age"
)

// A private copy is what is looked at while something is taken in from a watched
// folder. Its files are encrypted with a key that is nowhere but in memory: of
// what a sender has dropped there in the clear we make no second copy in the
// clear, and what a crash leaves of ours nobody can read.
type private struct {
	stored fs.FS
	key    *age.X25519Identity
	sizes  map[string]int64 // of what the files hold, by name
}

// encrypt copies the content of one file.
func (p *private) encrypt(dst io.Writer, src io.Reader, name string) error {
	w, err := age.Encrypt(dst, p.key.Recipient())
	if err != nil {
		return err
	}
	if p.sizes[name], err = io.Copy(w, src); err != nil {
		return err
	}
	return w.Close()
}

func (p *private) Open(name string) (fs.File, error) {
	f, err := p.stored.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	if dir, ok := f.(fs.ReadDirFile); ok && info.IsDir() {
		return &privateDir{dir, p, name}, nil
	}
	at, ok := f.(io.ReaderAt)
	if !ok {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	plain, size, err := age.DecryptReaderAt(at, info.Size(), p.key)
	if err != nil {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &privateFile{io.NewSectionReader(plain, 0, size), f, privateInfo{info, size}}, nil
}

type privateFile struct {
	*io.SectionReader
	stored fs.File
	info   privateInfo
}

func (f *privateFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *privateFile) Close() error               { return f.stored.Close() }

// privateInfo tells the size of the content and not of what is stored.
type privateInfo struct {
	fs.FileInfo
	size int64
}

func (i privateInfo) Size() int64 { return i.size }

type privateDir struct {
	fs.ReadDirFile
	of   *private
	name string
}

func (d *privateDir) ReadDir(n int) ([]fs.DirEntry, error) {
	list, err := d.ReadDirFile.ReadDir(n)
	for i, e := range list {
		if size, ok := d.of.sizes[path.Join(d.name, e.Name())]; ok {
			list[i] = privateEntry{e, size}
		}
	}
	return list, err
}

type privateEntry struct {
	fs.DirEntry
	size int64
}

func (e privateEntry) Info() (fs.FileInfo, error) {
	info, err := e.DirEntry.Info()
	if err != nil {
		return nil, err
	}
	return privateInfo{info, e.size}, nil
}
