package documents

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"darsd/dars"
	"darsd/documents/signed"
)

// Limits of what is read. The others stand in child.go.
const (
	maxPaper  = 64 << 20         // bytes of a PDF
	maxAnswer = 24 << 20         // bytes that the child may say about it
	patience  = 60 * time.Second // until the child is stopped
)

// A Reading is the text of a PDF.
type Reading struct {
	Pages int      `json:"pages"`
	Text  []string `json:"text"` // of each page; "" where a page is a picture

	Answers []Answer      `json:"answers,omitempty"` // of a form
	Signed  signed.Answer `json:"signed"`            // what it bears of digital signatures

	Scan // of its pictures
}

// A Reader reads papers that came from outside. A PDF from a stranger can be
// made to exhaust or crash whoever reads it, so it is read by another process,
// with little memory and little time: Command starts it, and is our own program
// (its [Child]).
type Reader struct {
	Command []string
	Seats   Seats // how many papers may be read at once; nil is any number
}

// Seats are for children at work: as many as it has room for. Each takes a processor
// and much memory, and whoever drops a hundred heavy papers must not take all of it.
type Seats chan struct{}

// take waits for a seat, which leave gives back.
func (s Seats) take(ctx context.Context) (leave func(), err error) {
	if s == nil {
		return func() {}, ctx.Err()
	}
	select {
	case s <- struct{}{}:
		return func() { <-s }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Read returns what a PDF says, or what the pictures of a paper show. A paper that cannot be read is refused; other errors
// are ours.
func (r Reader) Read(ctx context.Context, paper []byte) (Reading, error) {
	return r.put(ctx, paper, asking{})
}

// Page is the picture of one page, from 1: PNG or JPEG. A page that is drawn, and no
// picture, is refused.
func (r Reader) Page(ctx context.Context, paper []byte, page int) ([]byte, error) {
	if page < 1 || page > maxReadPages {
		return nil, dars.Refuse("no-page", "paper", "there is no page %d", page)
	}
	said, err := r.put(ctx, paper, asking{Page: page})
	if err != nil {
		return nil, err
	}
	if page > said.Pages {
		return nil, dars.Refuse("no-page", "paper", "there is no page %d: it has %d", page, said.Pages)
	}
	if len(said.Picture) == 0 {
		return nil, dars.Refuse("no-picture", "paper", "page %d cannot be shown as a picture of its own (%s): look at the whole of it as it came", page, firstWords(strings.Join(said.Unread, " ")))
	}
	shape, _, err := image.DecodeConfig(bytes.NewReader(said.Picture))
	if err != nil || max(shape.Width, shape.Height) > shownSide {
		return nil, dars.Refuse("paper-unreadable", "paper", "page %d cannot be shown as a picture", page)
	}
	return said.Picture, nil
}

// put asks a child about a paper.
func (r Reader) put(ctx context.Context, paper []byte, asked asking) (Reading, error) {
	if len(paper) > maxPaper {
		return Reading{}, dars.Refuse("paper-too-large", "paper", "the paper has %d MiB; the limit is %d: scan it in grey, with 150 to 300 dots per inch", len(paper)>>20, maxPaper>>20)
	}
	if dars.CopyFormOf(paper) == "" {
		return Reading{}, dars.Refuse("not-a-pdf", "paper", "the file is no PDF, and no picture as scanners write them (TIFF, JPEG, PNG): send the signed paper as one of these")
	}
	if len(r.Command) == 0 {
		return Reading{}, errors.New("read paper: no command to read it with")
	}
	leave, err := r.Seats.take(ctx)
	if err != nil {
		return Reading{}, err
	}
	defer leave()
	patient, stop := context.WithTimeout(ctx, patience) // from when it begins
	defer stop()
	said, err := r.ask(patient, paper, asked)
	switch {
	case ctx.Err() != nil:
		return Reading{}, ctx.Err()
	case err != nil:
		return Reading{}, fmt.Errorf("read paper: %w", err)
	}
	return said.answer()
}

// ask starts the child and returns what it said. It is a group of its own, and ended
// with all that it may have started.
func (r Reader) ask(ctx context.Context, paper []byte, asked asking) (statement, error) {
	line, err := json.Marshal(asked)
	if err != nil {
		return statement{}, err
	}
	child := exec.CommandContext(ctx, r.Command[0], r.Command[1:]...)
	child.Env = []string{"GOMAXPROCS=1", "GOTRACEBACK=none"} // it needs nothing of ours, and sees no secrets
	child.Dir = "/"
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	child.Cancel = func() error { return syscall.Kill(-child.Process.Pid, syscall.SIGKILL) }
	child.Stdin = io.MultiReader(bytes.NewReader(append(line, '\n')), bytes.NewReader(paper))
	child.WaitDelay = time.Second
	out := &bounded{left: maxAnswer}
	child.Stdout = out
	err = child.Run()
	return heard(out.Bytes(), err)
}

// A statement is what a child says after its greeting, if it lives to say it.
type statement struct {
	Reading Reading `json:"reading"`
	Wrong   string  `json:"wrong,omitempty"`
	cut     bool    // it died over this paper
}

// greeting tells a child that died over a paper from a command that is none.
const greeting = "reading\n"

func heard(out []byte, died error) (said statement, err error) {
	answer, ok := bytes.CutPrefix(out, []byte(greeting))
	if !ok {
		return said, fmt.Errorf("the child that reads papers did not begin: %w", cmp.Or(died, errors.New("it said nothing")))
	}
	if died != nil || json.Unmarshal(answer, &said) != nil {
		return statement{cut: true}, nil
	}
	return said, nil
}

func (w statement) answer() (Reading, error) {
	switch {
	case w.cut:
		return Reading{}, dars.Refuse("paper-too-heavy", "paper", "the PDF needs more memory or time to read than a paper does: print or scan it again and send that")
	case w.Wrong != "":
		return Reading{}, dars.Refuse("paper-unreadable", "paper", "the PDF cannot be read (%s): print or scan it again and send that", w.Wrong)
	}
	return w.Reading, nil
}

// bounded keeps the first bytes that are written to it, and refuses more.
type bounded struct {
	bytes.Buffer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, io.ErrShortWrite
	}
	b.left -= len(p)
	return b.Buffer.Write(p)
}

// A Sighting is which of our papers a PDF is a copy of, by the codes and the headers
// of its pages.
type Sighting struct {
	Ref     string // "DARS-NIC-000001-B1C2D", "CON-000001-X0X0X" or "CERT-000001"
	Version string // "v1.0", or "" for a paper that has none
	Seen    []int  // pages that are there, in order
	Said    int    // how many there are to be

	Rehearsal bool // it is the paper of a rehearsal, and has no effect

	Words  string // the first digits of the hash of the paper's words, by the codes of its pages; "" where none was seen
	Unseen string // why some pages of the file showed nothing, where that is known

	foreign []string // pages of other papers, in words
}

// Paper names the paper with its version, as on its pages.
func (s Sighting) Paper() string { return named(s.Ref, s.Version) }

// Missing lists the pages that are not there, or of which the header could not
// be read: a scanned page is a picture.
func (s Sighting) Missing() []int {
	missing := []int{}
	for n := 1; n <= s.Said; n++ {
		if !slices.Contains(s.Seen, n) {
			missing = append(missing, n)
		}
	}
	return missing
}

// header is what stands at the top of each page of ours.
var header = regexp.MustCompile(`(DARS-NIC-\d{4,7}-[0-9B-DF-HJ-NP-TV-Z]{5}|CON-\d{6}-[0-9B-DF-HJ-NP-TV-Z]{5}|CERT-\d{6})(?:-(v\d{1,2}\.\d{1,2}))?\s*page\s*(\d{1,4})\s*of\s*(\d{1,4})\b`)

// Reference finds which paper of ours this is, and which of its pages are there: by
// the codes at their feet, or by the headers of pages on which none was seen. Papers
// that contradict themselves are refused: several references, several numbers of
// pages, or one header that says it is two pages. The purpose in an agreement is the
// applicant's own text, and could be made to look like the header of a page that was
// left out.
func (r Reading) Reference() (Sighting, error) {
	found := Sighting{Unseen: r.unseen()}
	for i, text := range r.Text {
		found.Rehearsal = found.Rehearsal || strings.Contains(text, rehearsalWords)
		codes := r.codesOn(i)
		err := found.byCodes(i+1, codes)
		if len(codes) == 0 {
			err = found.byHeaders(i+1, text)
		}
		if err != nil {
			return Sighting{}, err
		}
	}
	switch {
	case found.Ref == "" && found.Unseen != "":
		return Sighting{}, dars.Refuse("no-reference", "paper", "no page of it shows which paper it is of: %s; scan it as JPEG, or in black and white as Group 4", found.Unseen)
	case found.Ref == "":
		return Sighting{}, dars.Refuse("no-reference", "paper", "no page of it shows a reference and a page number at the top, or a code at the foot that can be read, as our papers do: scan all of it with 150 to 300 dots to the inch, with the corners, or sign the PDF itself")
	case len(found.foreign) > 0:
		return Sighting{}, dars.Refuse("foreign-page", "paper", "%s, and not of %s: send the pages of that alone", found.foreign[0], found.Paper())
	}
	slices.Sort(found.Seen)
	return found, nil
}

// byHeaders adds what the headers in a page's text say.
func (s *Sighting) byHeaders(page int, text string) error {
	here := 0
	for _, m := range header.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[3])
		said, _ := strconv.Atoi(m[4])
		switch {
		case s.Ref != "" && (s.Ref != m[1] || s.Version != m[2]):
			return dars.Refuse("several-references", "paper", "page %d carries %s and an earlier one %s: send one paper at a time", page, named(m[1], m[2]), s.Paper())
		case s.Said != 0 && s.Said != said, n < 1, n > said:
			return dars.Refuse("pages-differ", "paper", "page %d says that it is page %d of %d, which does not agree with the others: send one print of the paper", page, n, said)
		case here != 0 && here != n:
			return dars.Refuse("pages-differ", "paper", "page %d says that it is page %d and page %d: send the paper with one page on a sheet", page, here, n)
		}
		s.Ref, s.Version, s.Said, here = m[1], m[2], said, n
	}
	if here != 0 {
		s.saw(here)
	}
	return nil
}

func named(ref, version string) string { return strings.TrimSuffix(ref+"-"+version, "-") }
