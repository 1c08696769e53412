package office

import (
	"archive/tar"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"darsd/dars"
)

// copyIn is a paper that came back as people send them: a PDF, a picture, or a folder
// with the pictures of its pages, which we put together in order of their names.
func copyIn(in Arrived) ([]byte, error) {
	if in.Dir {
		return together(in)
	}
	content, err := whole(in)
	if err == nil && dars.CopyFormOf(content) == dars.CopyBundle {
		err = dars.Refuse("not-a-pdf", in.Name, "%s holds other files, and nothing is unpacked here: send the paper itself, as a PDF, or as a folder with the pictures of its pages", in.Name)
	}
	return content, err
}

// leftByOthers are files that systems put into folders of pictures by themselves.
var leftByOthers = []string{"thumbs.db", "desktop.ini"}

// together puts the pictures in a folder into one file.
func together(in Arrived) ([]byte, error) {
	var names []string
	err := fs.WalkDir(in.Files, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil || name == "." || slices.Contains(leftByOthers, strings.ToLower(name)):
			return err
		case e.IsDir() || !dars.NamedAsPicture(name):
			return dars.Refuse("not-pictures", in.Name, "the folder %s holds %s: a copy that comes as a folder holds the pictures of its pages (TIFF, JPEG or PNG) and nothing else; send any other paper as a file by itself", in.Name, name)
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(names, byPage)
	var b bytes.Buffer
	to := tar.NewWriter(&b)
	for _, name := range names {
		picture, err := fs.ReadFile(in.Files, name)
		if err != nil {
			return nil, err
		}
		if b.Len()+len(picture) > Largest {
			return nil, dars.Refuse("too-large", in.Name, "the pictures in %s are larger than 64 MiB together: scan them again in grey, with 150 to 300 dots to the inch", in.Name)
		}
		if err := to.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(picture))}); err != nil {
			return nil, err
		}
		if _, err := to.Write(picture); err != nil {
			return nil, err
		}
	}
	err = to.Close()
	return b.Bytes(), err
}

var numberInName = regexp.MustCompile(`\d+`)

// byPage orders names as people count: page 2 comes before page 10.
func byPage(a, b string) int {
	of := func(name string) int {
		n, _ := strconv.Atoi(cmp.Or(lastOf(numberInName.FindAllString(name, -1)), "0"))
		return n
	}
	return cmp.Or(cmp.Compare(of(a), of(b)), strings.Compare(a, b))
}

func lastOf(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// copyPaper is what came back as it is filed. of several pictures that came in a folder
// it has the hash of the file into which they were put.
func (o *Office) copyPaper(a dars.Act, in Arrived, kind, about, name string, content []byte, vault string) *dars.Paper {
	sum := in.SHA256
	if in.Dir {
		of := sha256.Sum256(content)
		sum = hex.EncodeToString(of[:])
	}
	return &dars.Paper{Kind: kind, About: about, Name: name + string(dars.CopyFormOf(content)), SHA256: sum, Bytes: int64(len(content)), Day: o.today(a), From: a.Who, Vault: vault}
}

// picturesIn reports whether a folder holds pictures and nothing else: it is no
// application, but a copy of a paper.
func picturesIn(files fs.FS) bool {
	found := false
	err := fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if path.Base(name) != name || e.IsDir() || !dars.NamedAsPicture(name) && !slices.Contains(leftByOthers, strings.ToLower(name)) {
			return io.ErrUnexpectedEOF
		}
		found = true
		return nil
	})
	return err == nil && found
}
