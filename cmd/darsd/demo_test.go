package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// needs finds a program that is not ours, or skips the test; but not where
// everything is to be tested.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
				t.Fatalf("%s is not installed, and DARSD_REQUIRE_ALL=1 asks for it", program)
			}
			t.Skipf("%s is not installed", program)
		}
	}
}

// asked runs a command of the program in this process.
func asked(ctx context.Context, args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	status = run(ctx, &env{strings.NewReader(""), &out, &errs, func(string) string { return "" }}, args)
	return out.String(), errs.String(), status
}

// ask runs a command in a stage's office that is to be done.
func (d *stage) ask(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, status := asked(t.Context(), append([]string{"--data", d.path("office")}, args...)...)
	if status != done {
		t.Fatalf("darsd %s: exit status %d: %s", strings.Join(args, " "), status, errs)
	}
	return out
}

// into is ask for JSON.
func (d *stage) into(t *testing.T, v any, args ...string) {
	t.Helper()
	if err := json.Unmarshal([]byte(d.ask(t, append(args, "--json")...)), v); err != nil {
		t.Fatalf("darsd %s: %v", strings.Join(args, " "), err)
	}
}

// told is the demo, played once for all tests that look at what it leaves.
var told = sync.OnceValues(func() (transcript string, err error) {
	root, err := tidied()
	if err != nil {
		return "", err
	}
	out, errs, status := asked(context.Background(), "demo", "--dir", filepath.Join(root, "demo"), "--once")
	if status != done {
		return out, fmt.Errorf("exit status %d: %s", status, errs)
	}
	return out, copyTree(filepath.Join(root, "demo"), filepath.Join(root, "demo-as-it-was"))
})

// theDemo is where it was played. Nobody writes there: who wants to, takes a copy.
func theDemo(t *testing.T) (d *stage, transcript string) {
	t.Helper()
	transcript, err := told()
	if err != nil {
		t.Fatalf("demo --once: %v\n%s", err, transcript)
	}
	root, _ := tidied()
	return &stage{dir: filepath.Join(root, "demo"), env: quiet()}, transcript
}

func copyOfDemo(t *testing.T) *stage {
	t.Helper()
	from, _ := theDemo(t)
	d := &stage{dir: t.TempDir(), env: quiet()}
	if err := copyTree(from.dir+"-as-it-was", d.dir); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDemo(t *testing.T) {
	t.Parallel()
	d, transcript := theDemo(t)

	t.Run("tells each step in a line that says where to look", func(t *testing.T) {
		line := regexp.MustCompile(`^ ?(\d+)\. (.+) → (.+)$`)
		n := 0
		for text := range strings.Lines(transcript) {
			m := line.FindStringSubmatch(strings.TrimSuffix(text, "\n"))
			if m == nil {
				continue
			}
			n++
			if m[1] != fmt.Sprint(n) {
				t.Errorf("line %d says that it is step %s", n, m[1])
			}
			if _, err := os.Stat(m[3]); err != nil {
				t.Errorf("step %d sends its reader to a place that is not there: %v", n, err)
			}
		}
		if n != len(demoScenes()) || n < 20 {
			t.Errorf("%d steps are told, of %d", n, len(demoScenes()))
		}
		for _, word := range []string{"section 251", "watched folder", "objections upheld", "receipt", "nothing there", "certificates of destruction", "audit is triggered", "in force"} {
			if !strings.Contains(transcript, word) {
				t.Errorf("the story does not tell of %q", word)
			}
		}
		if !strings.Contains(transcript, "The story took") {
			t.Error("it does not say how long it took")
		}
	})

	t.Run("leaves out who objects, and nobody else", func(t *testing.T) {
		index, objecting := readNaively(t, d.path("office/sources/hes-index.csv")), listed(t, d.path("office/sources/objections-2016-03-04.txt"))
		files := d.delivered(t, "people/nora/REL-000001/data", "people/sam/REL-000002/data")
		if len(files) != 4 {
			t.Fatalf("%d files were delivered, not 4", len(files))
		}
		counts := map[string]sifted{}
		for name, content := range files {
			period := regexp.MustCompile(`_(\d{6})\.csv$`).FindStringSubmatch(name)[1]
			source, err := os.ReadFile(d.path("office/sources/hes-apc-" + period + ".csv"))
			if err != nil {
				t.Fatal(err)
			}
			n := naive{delimiter: ',', quoted: true, header: true, index: index, objecting: objecting}
			n.person = slices.Index(strings.Split(strings.SplitN(string(source), "\n", 2)[0], ","), "PSEUDO_HESID")
			s := n.sift(t, source)
			s.holds(t, content)
			counts[name[:11]] = s
		}
		var r struct {
			RowsIn, RowsWithheld, RowsUnmatched, RowsOut int
		}
		for id, files := range map[string][]string{"REL-000001": {"FILE0000001", "FILE0000002", "FILE0000003"}, "REL-000002": {"FILE0000004"}} {
			var said map[string]any
			d.into(t, &said, "--as", "priya", "release", "show", id)
			want := r
			for _, f := range files {
				s := counts[f]
				want.RowsIn, want.RowsWithheld, want.RowsUnmatched, want.RowsOut = want.RowsIn+s.in, want.RowsWithheld+s.withheld, want.RowsUnmatched+s.unmatched, want.RowsOut+s.out
			}
			for name, n := range map[string]int{"rows_in": want.RowsIn, "rows_withheld": want.RowsWithheld, "rows_unmatched": want.RowsUnmatched, "rows_out": want.RowsOut} {
				if said[name] != float64(n) {
					t.Errorf("%s says %s %v, and it is %d", id, name, said[name], n)
				}
			}
		}
	})

	t.Run("makes packages that sha512sum finds whole", func(t *testing.T) {
		needs(t, "sha512sum")
		for _, dir := range []string{"people/nora/REL-000001", "people/sam/REL-000002"} {
			check := exec.CommandContext(t.Context(), "sha512sum", "--strict", "-c", "manifest-sha512.txt", "tagmanifest-sha512.txt")
			check.Dir = d.path(dir)
			out, err := check.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "release-note.pdf: OK") || !strings.Contains(string(out), "data/FILE") {
				t.Errorf("%s: %v\n%s", dir, err, out)
			}
		}
	})

	t.Run("makes papers that pdftotext reads, each marked as a rehearsal's", func(t *testing.T) {
		needs(t, "pdftotext")
		papers := d.papers(t)
		if len(papers) < 20 {
			t.Errorf("there are only %d papers: %v", len(papers), papers)
		}
		for name, file := range papers {
			out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").CombinedOutput()
			text := string(out)
			if err != nil || len(strings.Fields(text)) < 40 {
				t.Errorf("%s: %v, %d words", name, err, len(strings.Fields(text)))
			}
			if !strings.Contains(strings.ToLower(text), "rehearsal") {
				t.Errorf("%s does not say that it is a rehearsal's", name)
			}
		}
	})

	t.Run("leaves a log that can be verified", func(t *testing.T) {
		if out := d.ask(t, "--as", "olive", "log", "verify"); !strings.Contains(out, "hold no fact") {
			t.Errorf("log verify does not name the tables that hold no fact: %s", out)
		}
	})

	t.Run("leaves packages and receipts that verify", func(t *testing.T) {
		key := d.path("people/nora/REL-000001/office.pub")
		d.ask(t, "verify", d.path("people/nora/REL-000001"), "--key", key)
		d.ask(t, "verify", d.path("people/sam/REL-000002"), "--key", key)
		receipts, _ := filepath.Glob(d.path("people/nora/receipts/*.receipt.json"))
		if len(receipts) != 3 {
			t.Errorf("there are %d receipts, not 3", len(receipts))
		}
		for _, file := range receipts {
			if out := d.ask(t, "verify", file, "--key", key); !strings.Contains(out, "is complete for") {
				t.Errorf("%s: %s", filepath.Base(file), out)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			forged := filepath.Join(t.TempDir(), "forged.json")
			if err := os.WriteFile(forged, bytes.Replace(text, []byte(`"complete"`), []byte(`"partial"`), 1), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, errs, status := asked(t.Context(), "verify", forged); status != refused {
				t.Errorf("a forged receipt: exit status %d: %s", status, errs)
			}
		}
	})

	t.Run("certifies exactly what was sent", func(t *testing.T) {
		text, err := os.ReadFile(d.path("people/nora/CERT-000001.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var form struct {
			Items []struct{ File, Holder string }
		}
		if err := yaml.Unmarshal(text, &form); err != nil {
			t.Fatal(err)
		}
		var listed []string
		for _, i := range form.Items {
			listed = append(listed, i.File+" "+i.Holder)
		}
		slices.Sort(listed)
		if want := []string{"FILE0000001 8D101", "FILE0000002 8D101", "FILE0000003 8D101"}; !slices.Equal(listed, want) {
			t.Errorf("the form lists %v", listed)
		}
		var c struct {
			State string
			Files []struct {
				Path string
				Sent []struct{ Bytes int64 }
			}
			Missing []string
		}
		d.into(t, &c, "--as", "cora", "certificate", "show", "CERT-000001")
		if c.State != "accepted" || len(c.Files) != 3 || len(c.Missing) != 0 {
			t.Errorf("the certificate: %+v", c)
		}
		for _, f := range c.Files {
			info, err := os.Stat(d.path("people/nora/REL-000001/" + f.Path))
			if err != nil || len(f.Sent) != 1 || f.Sent[0].Bytes != info.Size() {
				t.Errorf("%s: %v, sent %+v", f.Path, err, f.Sent)
			}
		}
	})

	t.Run("ends with one case closed, one audited and one in force", func(t *testing.T) {
		for id, state := range map[string]string{demoFirst: "closed", demoSecond: "deletion-due", demoThird: "in-force"} {
			var g struct{ State string }
			d.into(t, &g, "--as", "carol", "agreement", "show", id)
			if g.State != state {
				t.Errorf("%s is %s, not %s", id, g.State, state)
			}
		}
		if out := d.ask(t, "--as", "amir", "audit", "show", "AUD-000001"); !strings.Contains(out, "8D202") {
			t.Errorf("the audit: %s", out)
		}
		var nobody struct{ Items []any }
		d.into(t, &nobody, "--as", "sam", "release", "list")
		if errs := d.doctor(t); errs != "" {
			t.Errorf("the doctor finds: %s", errs)
		}
	})
}

func (d *stage) doctor(t *testing.T) string {
	t.Helper()
	_, errs, status := asked(t.Context(), "--data", d.path("office"), "doctor")
	if status == done {
		return ""
	}
	return errs
}

// delivered reads the files in some folders.
func (d *stage) delivered(t *testing.T, dirs ...string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, dir := range dirs {
		names, err := filepath.Glob(d.path(dir + "/*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(name)] = content
		}
	}
	return files
}

// papers finds every PDF: those that lie about, and those in the vault, which are
// written out.
func (d *stage) papers(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(d.dir, func(file string, e fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(file) == ".pdf" && !strings.Contains(file, "/vault/") {
			all[strings.TrimPrefix(file, d.dir)] = file
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := open(t.Context(), d.path("office"), "", d.env.stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	papers, err := office.List(t.Context(), office.Desk{Office: h.Office}, dars.ByClock, onlyTheOffice[*dars.Paper])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, p := range papers {
		if filepath.Ext(p.Name) != ".pdf" {
			continue
		}
		from, err := h.Works.Vault.Read("", p.Vault)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, string(p.ID)+".pdf")
		to, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = to.ReadFrom(from)
		if err := errors.Join(err, from.Close(), to.Close()); err != nil {
			t.Fatal(err)
		}
		all[string(p.ID)+" "+p.Name] = file
	}
	return all
}

// A demo that was broken off goes on where it was; one that is there is not
// played over by mistake.
func TestDemoContinues(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	ctx, stop := context.WithCancel(t.Context())
	out := &breakingOff{after: "12. ", stop: stop}
	if status := run(ctx, &env{strings.NewReader(""), out, out, func(string) string { return "" }}, []string{"demo", "--dir", dir, "--once"}); status == done {
		t.Fatalf("it was not broken off: %s", out)
	}
	_, errs, status := asked(t.Context(), "demo", "--dir", dir, "--once")
	if status != misused || !strings.Contains(errs, "--continue") || !strings.Contains(errs, "--fresh") {
		t.Errorf("where there is a demo: exit status %d: %s", status, errs)
	}
	said, errs, status := asked(t.Context(), "demo", "--dir", dir, "--once", "--continue")
	if status != done {
		t.Fatalf("--continue: exit status %d: %s", status, errs)
	}
	if strings.Contains(said, "12. ") || !strings.Contains(said, "13. ") || !strings.Contains(said, fmt.Sprintf("%d. ", len(demoScenes()))) {
		t.Errorf("--continue does not go on after the step that was played last:\n%s", said)
	}
	d := &stage{dir: dir, env: quiet()}
	d.ask(t, "--as", "olive", "log", "verify")

	said, errs, status = asked(t.Context(), "demo", "--dir", dir, "--once", "--continue")
	if status != done || strings.Contains(said, "→") {
		t.Errorf("--continue of one that is told: exit status %d: %s%s", status, said, errs)
	}

	// --fresh begins anew, and touches nothing but what is a demo's.
	mine := filepath.Join(dir, "thesis.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop = context.WithCancel(t.Context())
	out = &breakingOff{after: " 2. ", stop: stop}
	run(ctx, &env{strings.NewReader(""), out, out, func(string) string { return "" }}, []string{"demo", "--dir", dir, "--once", "--fresh"})
	if !strings.Contains(out.String(), " 1. ") {
		t.Errorf("--fresh does not begin anew: %s", out)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Errorf("--fresh: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "verified.txt")); err == nil {
		t.Error("--fresh leaves what was made before")
	}
}

// breakingOff stops the demo when a step has been told.
type breakingOff struct {
	bytes.Buffer
	after string
	stop  context.CancelFunc
}

func (b *breakingOff) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte(b.after)) {
		b.stop()
	}
	return b.Buffer.Write(p)
}

// What --script prints is the demo by hand: with the program in processes of its
// own, OpenSSH and cp. It leads to the same.
func TestScriptByHand(t *testing.T) {
	t.Parallel()
	needs(t, "bash", "ssh-keygen", "sftp", "darsd")
	script, errs, status := asked(t.Context(), "demo", "--script")
	if status != done {
		t.Fatalf("demo --script: exit status %d: %s", status, errs)
	}
	if strings.Contains(script, "\n! ") {
		t.Error("a line that begins with ! never stops a script: what is to be refused would pass unnoticed")
	}
	program, _ := exec.LookPath("darsd")
	d := &stage{dir: filepath.Join(t.TempDir(), "by hand"), env: quiet()}
	bash := exec.CommandContext(t.Context(), "bash", "-s")
	bash.Stdin, bash.Dir = strings.NewReader(script), t.TempDir()
	bash.Env = append(os.Environ(), "DARSD="+program, "D="+d.dir)
	out, err := bash.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for n, s := range demoScenes() {
		if !strings.Contains(string(out), fmt.Sprintf("%2d. %s", n+1, s.says)) {
			t.Errorf("step %d is not told", n+1)
		}
	}
	demo, _ := theDemo(t)
	for _, dir := range []string{"people/nora/REL-000001/data", "people/sam/REL-000002/data"} {
		want, got := demo.delivered(t, dir), d.delivered(t, dir)
		if len(want) == 0 || len(want) != len(got) {
			t.Errorf("%s: %d files by hand, %d in the demo", dir, len(got), len(want))
		}
		for name := range want {
			if !bytes.Equal(want[name], got[name]) {
				t.Errorf("%s is not the same by hand", name)
			}
		}
	}
	want, got := copyOfDemo(t).states(t), d.states(t)
	for _, noun := range want {
		if !slices.Contains(got, noun) {
			t.Errorf("not so by hand: %s", noun)
		}
	}
	for _, noun := range got {
		if !slices.Contains(want, noun) {
			t.Errorf("only by hand: %s", noun)
		}
	}
	d.ask(t, "--as", "olive", "log", "verify")
}

// states is where every noun stands when nothing is owed any more and the register is up
// to date; but not how often the vault was scrubbed, which is a matter of how long the
// daemon ran.
func (d *stage) states(t *testing.T) (all []string) {
	t.Helper()
	h, err := open(t.Context(), d.path("office"), "", d.env.stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	if err := h.Work(t.Context(), time.Now); err != nil {
		t.Error(err)
	}
	public := office.Public{Office: h.Office}
	rows, err := public.Register(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	changed, fresh, err := public.Unentered(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	if err := public.Enter(t.Context(), dars.Act{Who: dars.ByClock, At: h.now(), Via: dars.Clock}, append(changed, fresh...)); err != nil {
		t.Fatal(err)
	}
	err = h.Store.View(t.Context(), func(tx *store.Tx) error {
		events, err := tx.Events("", "", 0, 100_000)
		now := map[string]string{}
		for _, e := range events {
			now[e.Kind+" "+e.Ref] = e.To
		}
		for noun, state := range now {
			if strings.HasPrefix(noun, "scrub ") {
				continue
			}
			all = append(all, noun+" "+state)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}
