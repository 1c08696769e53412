package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Folder sends by writing each letter into a folder as ID.eml, which any mail
// program opens.
func Folder(dir *os.Root, s Stationery) Sender { return &folder{dir, s} }

type folder struct {
	dir *os.Root
	on  Stationery
}

func (f *folder) Send(_ context.Context, m Message) error {
	letter, err := f.on.letter(m)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if _, err := letter.WriteTo(&text); err != nil {
		return fmt.Errorf("message %s: %w", m.ID, err)
	}
	if err := f.put(m.ID+".eml", text.Bytes()); err != nil {
		return fmt.Errorf("message %s: %w", m.ID, err)
	}
	return nil
}

// put writes a file whole or not at all, and leaves one that is there: it is
// the same letter.
func (f *folder) put(name string, content []byte) error {
	if _, err := f.dir.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temp := ".tmp-" + rand.Text()
	file, err := f.dir.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	defer f.dir.Remove(temp)
	defer file.Close()
	if _, err := file.Write(content); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := f.dir.Rename(temp, name); err != nil {
		return err
	}
	d, err := f.dir.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some shares cannot
		return err
	}
	return nil
}
