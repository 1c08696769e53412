package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func caseCommands(s *session) *cobra.Command {
	var out string
	export := s.look("export APPLICATION", "write all that is kept of a case (--out DIR, or - for a tar)", exactly(1), func(c *call) error {
		switch {
		case out == "":
			return misuse{errors.New("say where to, with --out DIR, which is made; --out - writes a tar to standard output")}
		case out != "-" && c.s.person != nil:
			return misuse{errors.New("a folder is written on the office's own machine: --out - sends it to you as a tar")}
		}
		desk := office.Desk{Office: c.Office}
		d, err := desk.Dossier(c.ctx, c.act, c.args[0])
		if err != nil {
			return err
		}
		if err := c.looked("export of case", d.Case); err != nil {
			return err
		}
		if out == "-" {
			to := tar.NewWriter(c.env.stdout)
			x := &exported{put: intoTar(to, d.Case, c.act.At)}
			return errors.Join(x.dossier(desk, d), to.Close())
		}
		if err := os.Mkdir(out, 0o700); err != nil {
			return misuse{err}
		}
		x := &exported{put: intoFolder(out)}
		if err := x.dossier(desk, d); err != nil {
			return err
		}
		return c.say(map[string]any{"case": d.Case, "folder": out, "files": x.files}, "%s holds the case %s: %d files, named with their sums in index.txt", out, d.Case, x.files)
	})
	export.Flags().StringVar(&out, "out", "", "the folder to be made; - is standard output")
	return group("case", "all that is kept of a case", export)
}

// An exported case is being written, file by file.
type exported struct {
	put   func(name string, content io.Reader) error
	files int
	names []string
	sums  bytes.Buffer // as sha256sum -c reads them
	about bytes.Buffer // what each file is
}

// intoFolder puts files into a folder on this machine.
func intoFolder(dir string) func(string, io.Reader) error {
	return func(name string, content io.Reader) error {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, content)
		return errors.Join(err, f.Close())
	}
}

// intoTar puts them into a tar, under one folder. A tar says first how large a
// file is, so each is read whole.
func intoTar(to *tar.Writer, folder string, at time.Time) func(string, io.Reader) error {
	return func(name string, content io.Reader) error {
		all, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		if err := to.WriteHeader(&tar.Header{Name: folder + "/" + name, Mode: 0o600, Size: int64(len(all)), ModTime: at.UTC().Truncate(time.Second)}); err != nil {
			return err
		}
		_, err = to.Write(all)
		return err
	}
}

func (x *exported) dossier(desk office.Desk, d *office.Dossier) error {
	for _, p := range d.Papers {
		content, err := desk.OpenPaper(p)
		if err != nil {
			return fmt.Errorf("paper %s: %w", p.ID, err)
		}
		name := "papers/" + string(p.ID) + "-" + office.FileName(p.Name)
		err = x.write(name, fmt.Sprintf("%s of %s, %s %s", p.Kind, p.Day, p.About, p.Subject), content)
		if err := errors.Join(err, content.Close()); err != nil {
			return err
		}
	}
	for _, n := range d.Nouns {
		if err := x.noun(n, ""); err != nil {
			return err
		}
	}
	for _, f := range d.Meetings {
		if err := x.meeting(desk, f); err != nil {
			return err
		}
	}
	var events bytes.Buffer
	for _, e := range d.Events {
		text, err := json.Marshal(e)
		if err != nil {
			return err
		}
		events.Write(append(text, '\n'))
	}
	if err := x.write("events.jsonl", fmt.Sprintf("the log of the case: %d events, one a line", len(d.Events)), &events); err != nil {
		return err
	}
	x.files++
	index := fmt.Sprintf("Case %s: all that the office keeps of it.\n\nWhat each file is:\n\n%s\nTheir SHA-256 sums, as sha256sum -c reads them, are in SHA256SUMS.\n", d.Case, x.about.String())
	return errors.Join(x.put("SHA256SUMS", &x.sums), x.put("index.txt", strings.NewReader(index)))
}

// noun writes down a noun, under its kind.
func (x *exported) noun(n dars.Noun, said string) error {
	text, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	k := n.Card()
	folder := office.FileName(strings.ReplaceAll(k.Kind, " ", "-"))
	if k.Kind == "paper" {
		folder = "papers" // beside the paper itself
	}
	name := folder + "/" + office.FileName(k.Ref)
	return x.write(name+".json", k.Kind+" "+k.Ref+", "+k.State+said, bytes.NewReader(append(text, '\n')))
}

// meeting writes down what of a meeting is about the case: its item, who was there
// and who took part, and what the minutes say.
func (x *exported) meeting(desk office.Desk, f dars.MeetingFacts) error {
	const alone = ": what is about this case"
	if err := x.noun(f.Meeting, alone); err != nil {
		return err
	}
	minutes, err := desk.Minutes(f)
	if err != nil || minutes == nil {
		return err
	}
	return x.write("meeting/"+office.FileName(string(f.Meeting.ID))+"-minutes.pdf", fmt.Sprintf("minutes of %s of %s%s", f.Meeting.ID, f.Meeting.On, alone), bytes.NewReader(minutes))
}

// write adds a file, and names it in the index.
func (x *exported) write(name, what string, content io.Reader) error {
	if slices.Contains(x.names, name) {
		return fmt.Errorf("two files of the case are called %s", name)
	}
	sum := sha256.New()
	if err := x.put(name, io.TeeReader(content, sum)); err != nil {
		return err
	}
	x.files, x.names = x.files+1, append(x.names, name)
	hash := hex.EncodeToString(sum.Sum(nil))
	fmt.Fprintf(&x.sums, "%s  %s\n", hash, name)
	fmt.Fprintf(&x.about, "%s\n    %s\n    SHA-256 %s\n", name, strings.TrimSpace(what), hash)
	return nil
}
