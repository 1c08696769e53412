package intake_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"darsd/dars"
	"darsd/transfer/intake"
	"darsd/transfer/vault"
)

var _ intake.Tray = (*vault.Tray)(nil)

// submitted makes a vault whose trays are taken in.
func submitted(t *testing.T, d *desk) (*intake.Trays, *vault.Vault) {
	t.Helper()
	data, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	v, err := vault.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return &intake.Trays{
		People:   v.Trays,
		Tray:     func(who dars.PersonID) intake.Tray { return v.Tray(who) },
		Quiet:    time.Minute,
		Now:      func() time.Time { return today },
		Complete: named,
		Take:     d.Take,
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
	}, v
}

// named is complete when the files that application.yaml names are there.
func named(dir fs.FS) bool {
	form, err := fs.ReadFile(dir, "application.yaml")
	if err != nil {
		return false
	}
	for _, name := range strings.Fields(string(form)) {
		if _, err := fs.Stat(dir, name); err != nil {
			return false
		}
	}
	return true
}

// runTrays is during, for trays.
func runTrays(t *testing.T, trays *intake.Trays, hand func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- trays.Run(ctx) }()
	hand()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func put(t *testing.T, tray *vault.Tray, name, content string) {
	t.Helper()
	if err := tray.Put(name, []byte(content), today.AddDate(-1, 0, 0)); err != nil {
		t.Fatal(err)
	}
}

func lies(t *testing.T, tray *vault.Tray) string {
	t.Helper()
	list, err := tray.List()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range list {
		names = append(names, u.Name)
	}
	return strings.Join(names, " ")
}

func TestAnUploadIsTakenWhenItIsQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		trays, v := submitted(t, d)
		var who []dars.PersonID
		d.answer = func(a intake.Arrival) dars.Verdict {
			who = append(who, a.Who)
			return dars.Verdict{Verdict: dars.VerdictWaiting}
		}
		tray, other := v.Tray("P-000001"), v.Tray("P-000002")
		runTrays(t, trays, func() {
			put(t, tray, "cert.pdf.filepart", "signed")
			put(t, tray, "old.verdict.txt", "x")
			put(t, other, "cert.pdf", "of another")
			time.Sleep(50 * time.Second)
			put(t, other, "cert.pdf", "of another") // the same bytes again: still at work
			time.Sleep(50 * time.Second)
			if d.taken() != "" {
				t.Errorf("taken early: %q", d.taken())
			}
			tray.Rename("cert.pdf.filepart", "cert.pdf")
			time.Sleep(50 * time.Second)
			if d.taken() != "cert.pdf=of another" {
				t.Errorf("took %q", d.taken())
			}
			time.Sleep(50 * time.Second)
		})
		if d.taken() != "cert.pdf=of another, cert.pdf=signed" || fmt.Sprint(who) != "[P-000002 P-000001]" {
			t.Errorf("took %q of %v", d.taken(), who)
		}
		if got := lies(t, tray); got != "cert.pdf.verdict.json cert.pdf.verdict.txt old.verdict.txt" {
			t.Errorf("left %s", got)
		}
		text, err := tray.Read("cert.pdf.verdict.txt")
		if err != nil || string(text) != "\"cert.pdf\" was taken in and waits to be confirmed.\n" {
			t.Errorf("%q %v", text, err)
		}
		if claims, _ := tray.Claims(); len(claims) != 0 {
			t.Error("it was not dropped")
		}
	})
}

func TestAnApplicationIsTakenWhenItIsComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		trays, v := submitted(t, d)
		tray := v.Tray("P-000001")
		runTrays(t, trays, func() {
			tray.Mkdir("app")
			tray.Mkdir("empty")
			put(t, tray, "app/application.yaml", "a.pdf sub/b.pdf")
			put(t, tray, "app/a.pdf", "a")
			time.Sleep(9 * time.Minute)
			tray.Mkdir("app/sub")
			put(t, tray, "app/sub/b.pdf", "b")
			put(t, tray, "app/c.tmp", "c")
			time.Sleep(time.Hour)
			if d.taken() != "" {
				t.Errorf("taken early: %q", d.taken())
			}
			tray.Remove("app/c.tmp")
			time.Sleep(2 * time.Minute)
		})
		if d.taken() != "app: a.pdf=a application.yaml=a.pdf sub/b.pdf sub/b.pdf=b" {
			t.Errorf("took %q", d.taken())
		}
		if got := lies(t, tray); got != "app.verdict.json app.verdict.txt empty" {
			t.Errorf("left %s", got)
		}
	})
}

// Whoever forgets a file is told so, and not left waiting.
func TestAnUploadThatStaysIncompleteIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		trays, v := submitted(t, d)
		tray := v.Tray("P-000001")
		runTrays(t, trays, func() {
			tray.Mkdir("app")
			tray.Mkdir("empty")
			tray.Mkdir("half")
			put(t, tray, "half/application.yaml.part", "a.pdf")
			put(t, tray, "app/application.yaml", "a.pdf b.pdf")
			time.Sleep(9 * time.Minute)
			put(t, tray, "app/a.pdf", "a")
			time.Sleep(9 * time.Minute)
			if err := trays.Once(t.Context()); err != nil {
				t.Error(err)
			}
			if d.taken() != "" {
				t.Errorf("taken early: %q", d.taken())
			}
			time.Sleep(2 * time.Minute)
		})
		if d.taken() != "app: a.pdf=a application.yaml=a.pdf b.pdf" {
			t.Errorf("took %q", d.taken())
		}
		if got := lies(t, tray); got != "app.verdict.json app.verdict.txt empty half half/application.yaml.part" {
			t.Errorf("left %s", got)
		}
	})
}

func TestSubmitAtOnce(t *testing.T) {
	d := &desk{}
	trays, v := submitted(t, d)
	tray := v.Tray("P-000001")
	tray.Mkdir("app")
	put(t, tray, "app/application.yaml", "missing.pdf")
	put(t, tray, "half.filepart", "x")
	v.Tray("P-000002").Put("theirs", nil, today)
	verdict, err := trays.Submit(t.Context(), "P-000001", "/app/")
	if err != nil || verdict.Verdict != dars.VerdictAccepted || verdict.File != "app" {
		t.Error(verdict, err)
	}
	for _, name := range []string{"app", "", "..", "half.filepart", "app.verdict.txt", "theirs"} {
		var no *dars.Refusal
		if _, err := trays.Submit(t.Context(), "P-000001", name); !errors.As(err, &no) || no.Rule != "no-upload" {
			t.Errorf("%q: %v", name, err)
		}
	}
	if d.taken() != "app: application.yaml=missing.pdf" {
		t.Errorf("took %q", d.taken())
	}
}

func TestWhatIsRejectedIsHandedOnBeforeItGoes(t *testing.T) {
	d := &desk{answer: func(intake.Arrival) dars.Verdict {
		return dars.Verdict{Verdict: dars.VerdictRejected, Reason: "page 3 is missing."}
	}}
	trays, v := submitted(t, d)
	tray := v.Tray("P-000001")
	put(t, tray, "a.pdf", "a")
	tray.Mkdir("a.pdf.verdict.txt") // in the way
	full := true
	var kept string
	trays.Keep = func(a intake.Arrival, v dars.Verdict) error {
		if full {
			return errors.New("disk full")
		}
		text, err := fs.ReadFile(a.Files, a.Name)
		kept = fmt.Sprint(a.Name, "=", string(text), " ", v.Verdict)
		return err
	}
	if err := trays.Once(t.Context()); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Error(err)
	}
	if got := lies(t, tray); got != "a.pdf.verdict.txt" {
		t.Errorf("left %s", got)
	}
	full = false
	if err := trays.Once(t.Context()); err != nil {
		t.Error(err)
	}
	if kept != "a.pdf=a rejected" {
		t.Errorf("kept %q", kept)
	}
	if got := lies(t, tray); got != "a-2.pdf.verdict.json a-2.pdf.verdict.txt a.pdf.verdict.txt" {
		t.Errorf("left %s", got)
	}
	if text, _ := tray.Read("a-2.pdf.verdict.txt"); string(text) != "\"a.pdf\" was rejected: page 3 is missing.\n" {
		t.Errorf("%s", text)
	}
}

func TestATrayAfterACrashAndAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := true
		d := &desk{}
		d.answer = func(a intake.Arrival) dars.Verdict {
			if a.Name == "bad" && broken {
				panic("out of range")
			}
			return dars.Verdict{Verdict: dars.VerdictAccepted}
		}
		trays, v := submitted(t, d)
		tray := v.Tray("P-000001")
		put(t, tray, "crashed", "c")
		marks, _ := tray.Marks()
		if _, err := tray.Claim("crashed", marks["crashed"]); err != nil {
			t.Fatal(err)
		}
		put(t, tray, "bad", "b")
		put(t, tray, "good", "g")
		runTrays(t, trays, func() { time.Sleep(10 * time.Minute) })
		if d.taken() != "crashed=c, bad=b, good=g" {
			t.Errorf("took %q", d.taken())
		}
		put(t, tray, "bad", "b2") // its owner is not held up
		if got := lies(t, tray); got != "bad crashed.verdict.json crashed.verdict.txt good.verdict.json good.verdict.txt" {
			t.Errorf("left %s", got)
		}
		broken = false
		runTrays(t, trays, func() { time.Sleep(10 * time.Minute) })
		if d.taken() != "crashed=c, bad=b, good=g, bad=b, bad=b2" {
			t.Errorf("took %q", d.taken())
		}
	})
}

func TestTraysFromManySides(t *testing.T) {
	d := &desk{}
	trays, v := submitted(t, d)
	const people, files = 4, 10
	for p := range people {
		for f := range files {
			put(t, v.Tray(dars.PersonID(fmt.Sprint("P-", p))), fmt.Sprint(p, "-", f), "")
		}
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if err := trays.Once(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		var no *dars.Refusal
		if _, err := trays.Submit(t.Context(), "P-3", "3-9"); err != nil && !errors.As(err, &no) {
			t.Error(err)
		}
	})
	wg.Wait()
	if len(d.sums) != people*files || len(d.took) != people*files {
		t.Errorf("%d uploads were taken %d times", len(d.sums), len(d.took))
	}
}

func TestAnApplicationInTheFolderOfApplicationsIsSubmittedByItsName(t *testing.T) {
	for said, left := range map[string]string{
		"applications/study":  "applications applications/study.verdict.json applications/study.verdict.txt",
		"study":               "applications applications/study.verdict.json applications/study.verdict.txt",
		"/applications/study": "applications applications/study.verdict.json applications/study.verdict.txt",
	} {
		t.Run(said, func(t *testing.T) {
			d := &desk{}
			trays, v := submitted(t, d)
			tray := v.Tray("P-000001")
			tray.Mkdir("applications")
			tray.Mkdir("applications/study")
			put(t, tray, "applications/study/application.yaml", "a")
			if _, err := trays.Submit(t.Context(), "P-000001", said); err != nil {
				t.Fatal(err)
			}
			if got := lies(t, tray); got != left {
				t.Errorf("left %s", got)
			}
		})
	}
}

func TestAVerdictOutlivesTheFolderOfWhatItIsAbout(t *testing.T) {
	d := &desk{}
	trays, v := submitted(t, d)
	tray := v.Tray("P-000001")
	tray.Mkdir("applications")
	tray.Mkdir("applications/study")
	put(t, tray, "applications/study/application.yaml", "")
	d.answer = func(intake.Arrival) dars.Verdict {
		if err := tray.Rmdir("applications"); err != nil {
			t.Error(err)
		}
		return dars.Verdict{Verdict: dars.VerdictAccepted}
	}
	if err := trays.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := lies(t, tray); got != "study.verdict.json study.verdict.txt" {
		t.Errorf("left %s", got)
	}
}
