package documents

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a screen reader finds, as poppler lists it: all words of the paper in their
// order, headings that skip no level, tables whose heads head something.
func TestReadingOrder(t *testing.T) {
	if _, err := exec.LookPath("pdfinfo"); err != nil {
		skip(t, "there is no pdfinfo (poppler-utils)")
	}
	for name, d := range papers(press(false)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pdf, err := d.PDF()
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "paper.pdf")
			if err := os.WriteFile(file, pdf, 0o600); err != nil {
				t.Fatal(err)
			}
			listed, err := exec.CommandContext(t.Context(), "pdfinfo", "-struct-text", file).Output()
			if err != nil {
				t.Fatal(err)
			}
			heard, roles := elements(listed)
			if want := d.readOut(); !slices.Equal(heard, want) {
				t.Errorf("it reads %s", differs(heard, want))
			}
			level, heads := 0, 0
			for _, role := range roles {
				switch {
				case headingRole.MatchString(role):
					now := int(role[1] - '0')
					if now > level+1 {
						t.Errorf("a heading %s follows one of level %d", role, level)
					}
					level = now
				case role == "TH":
					heads++
				case strings.HasPrefix(role, "/Scope"):
					heads--
				}
			}
			if heads != 0 {
				t.Errorf("%d heads of tables head nothing", heads)
			}
		})
	}
}

var headingRole = regexp.MustCompile(`^H[1-6]$`)

// elements are the words that pdfinfo lists, and what stands between them.
func elements(listed []byte) (words, roles []string) {
	for l := range strings.Lines(string(listed)) {
		l = strings.TrimSpace(l)
		if text, ok := strings.CutPrefix(l, `"`); ok {
			words = append(words, strings.Fields(strings.TrimSuffix(text, `"`))...)
			continue
		}
		roles = append(roles, strings.TrimSuffix(strings.TrimSuffix(l, " (block)"), ":"))
	}
	return words, roles
}

// readOut are the words of a paper in the order in which it is read.
func (d *Doc) readOut() (words []string) {
	say := func(texts ...string) {
		for _, text := range texts {
			words = append(words, strings.Fields(text)...)
		}
	}
	say(strings.ToUpper(d.office.Name), d.kind, d.title, d.called())
	for _, b := range d.whole() {
		switch b.kind {
		case heading:
			say(b.text[1], b.text[0])
		case bullet:
			say("•", b.text[0])
		case table:
			say(names(b.cols)...)
			for _, row := range b.rows {
				say(row...)
			}
			if len(b.rows) == 0 {
				say("None.")
			}
		case chart:
			say(b.text[0])
			say(b.scaled()...)
			for _, bar := range b.bars {
				say(count(int64(bar.Value)), bar.Label)
			}
		case signature:
			say("Signed for "+b.sign.For, "Signature", "Name", b.sign.Name, "Role", b.sign.Role, "Date", b.sign.Date)
		default:
			say(b.text...)
		}
	}
	return words
}

// scaled are the words of a chart of lines, as they are drawn.
func (b block) scaled() (words []string) {
	if b.series == nil {
		return nil
	}
	most := 1
	for _, p := range b.points {
		most = max(most, slices.Max(p.Values))
	}
	step := scaleStep(most)
	for n := 0; n < most+step; n += step {
		words = append(words, count(int64(n)))
	}
	for _, p := range b.points {
		words = append(words, p.Label)
	}
	if len(b.series) > 1 {
		words = append(words, b.series...)
	}
	return words
}

func differs(got, want []string) string {
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			return fmt.Sprintf("%q where %q stands", got[min(i, len(got)):min(i+6, len(got))], want[i:min(i+6, len(want))])
		}
	}
	return fmt.Sprintf("%q more", got[len(want):])
}

// A subheading before any heading skips no level.
func TestSubheadingWithoutAHeading(t *testing.T) {
	d := press(false).New("Paper", "small", "CON-000001-X0X0X", "2016-03-01")
	d.Subheading("First")
	d.Heading("Second")
	d.Subheading("Third")
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults(pdf, lasting) {
		t.Error(fault)
	}
}

// However long everything is, a heading is never the last thing on a page, and a
// table has its heads on each of its pages.
func TestNoHeadingStandsAlone(t *testing.T) {
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 1))
		d := press(false).New("Paper", "of any length", "CON-000001-X0X0X", "2016-03-01")
		for n := range 30 {
			words := func(most int) string { return strings.Repeat("some words here ", 1+random.IntN(most)) }
			d.Section(words(8))
			if random.IntN(3) == 0 {
				d.Subheading(words(12))
			}
			switch random.IntN(7) {
			case 0:
				d.Text(words(200))
			case 1:
				d.Para("%s", words(20))
				d.Bullet("%s", words(30))
				d.Bullet("%s", words(30))
			case 2:
				d.Fact("Label", "%s", words(60))
			case 3:
				var rows [][]string
				for range random.IntN(50) {
					rows = append(rows, []string{fmt.Sprintf("cell%d", n), words(20)})
				}
				d.Table([]Col{{Name: fmt.Sprintf("head%d", n), Share: 1}, {Name: "What", Share: 3}}, rows)
			case 4:
				d.Notice("%s", words(40))
			case 5:
				d.Clause("%s", words(50))
			case 6:
				d.Sign(Signature{For: words(10)})
			}
		}
		s := layOut(d)
		for n, p := range s.pages {
			if i := lastTagged(p); i >= 0 && headingRole.MatchString(p[i].of.role) {
				t.Errorf("seed %d: page %d ends with a heading", seed, n+1)
			}
		}
		pdf, err := d.PDF()
		if err != nil {
			t.Fatal(err)
		}
		for n, page := range read(t, pdf).Text {
			for _, m := range cellOf.FindAllStringSubmatch(page, -1) {
				if !regexp.MustCompile(`head` + m[1] + `\b`).MatchString(page) {
					t.Errorf("seed %d: page %d has cells of table %s without its heads", seed, n+1, m[1])
				}
			}
		}
	}
}

var cellOf = regexp.MustCompile(`cell(\d+)\b`)

func lastTagged(p page) int {
	for i, m := range slices.Backward(p) {
		if m.of != nil {
			return i
		}
	}
	return -1
}

// A paper is the same bytes wherever and whenever it is drawn.
func TestTheSameBytesEverywhere(t *testing.T) {
	const asked = "DARSD_TEST_PRINT_SUMS"
	if os.Getenv(asked) != "" {
		all := papers(press(false))
		for _, name := range slices.Sorted(maps.Keys(all)) {
			pdf, err := all[name].PDF()
			if err != nil {
				t.Fatal(err)
			}
			fmt.Printf("sum %s %x\n", name, sha256.Sum256(pdf))
		}
		return
	}
	here := sums(t, asked+"=1", "TZ=Europe/London", "LC_ALL=en_GB.UTF-8")
	there := sums(t, asked+"=1", "TZ=Asia/Kathmandu", "LC_ALL=tr_TR.UTF-8", "LANG=tr_TR", "GOMAXPROCS=1", "HOME=/nonexistent")
	if len(here) != len(papers(press(false))) {
		t.Errorf("there are %d sums", len(here))
	}
	for name, sum := range here {
		if there[name] != sum {
			t.Errorf("%s differs", name)
		}
	}
}

// sums are those of all papers as another process draws them.
func sums(t *testing.T, env ...string) map[string]string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTheSameBytesEverywhere$")
	child.Env = append(os.Environ(), env...)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	all := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		if f := strings.Fields(lines.Text()); len(f) == 3 && f[0] == "sum" {
			all[f[1]] = f[2]
		}
	}
	return all
}
