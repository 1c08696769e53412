package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha512"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	netmail "net/mail"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
	"darsd/transfer/sftpd"
)

// An invariant is what must hold however often anything was killed.
type invariant struct {
	says  string
	holds func(*inspection) error
}

// These hold at every moment.
var always = []invariant{
	{"the log can be verified, and every noun, list and paper is as it says", logVerifies},
	{"the database is whole", databaseIsWhole},
	{"nothing half-published is visible: all that lies in collect/ can be read and is what its manifest says", nothingHalfPublished},
	{"what was handed in is still there, is being taken in, or has a verdict", nothingIsLost},
	{"nothing was taken in twice", takenInOnce},
	{"no step happened twice: nothing enters a state of its life again", noStepTwice},
	{"each agreement has one certificate and each day one report, each paper is filed and each reminder sent once", onceIsOnce},
	{"no FILE id stands for two things", fileIDsStandForOneThing},
	{"the ledger's sent is never less than what the client has", ledgerCoversTheClient},
	{"no temporary file is visible", noTemporaryIsVisible},
	{"every letter in outgoing-mail/ is whole", lettersAreWhole},
	{"no row of data and no patient's number lies in the open", nothingInTheOpen},
}

// These hold at the end, when the last daemon has stopped.
func atTheEnd() []invariant {
	return []invariant{
		{"what is owed is done, and no work is held longer than its lease", nothingIsOwed},
		{"nothing is left in the hands of intake", nothingIsClaimed},
		{"the doctor finds nothing wrong", doctorIsContent},
		{"it all came to the same as a life in which nothing was killed", sameAsUnkilled},
		{"what the dead have left is swept after a day", deadAreSwept},
	}
}

// An inspection is what the invariants look at.
type inspection struct {
	context.Context
	*life
	house  *house
	events []store.Event
}

// hold looks at everything that must hold always.
func (l *life) hold(ctx context.Context, when string) error { return l.inspect(ctx, when, always) }

func (l *life) inspect(ctx context.Context, when string, all []invariant) error {
	return l.looks(ctx, func(h *house) error {
		i := &inspection{Context: ctx, life: l, house: h}
		err := h.Store.View(ctx, func(tx *store.Tx) (err error) {
			i.events, err = tx.Events("", "", 0, 1<<30)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: read the log: %w", when, err)
		}
		for _, one := range all {
			if err := one.holds(i); err != nil {
				return fmt.Errorf("%s this does not hold: %s\n    %w", when, one.says, err)
			}
		}
		return nil
	})
}

// end stops the daemon and looks at what the life has come to.
func (l *life) end(ctx context.Context) error {
	if err := l.rest(ctx); err != nil {
		return err
	}
	return l.inspect(ctx, "at the end", append(slices.Clone(always), atTheEnd()...))
}

func logVerifies(i *inspection) error {
	out, said, status := asked(i, "--data", i.path("office"), "log", "verify")
	if status != done {
		return fmt.Errorf("darsd log verify: exit status %d: %s%s", status, out, said)
	}
	return nil
}

// databaseIsWhole is for SQLite; PostgreSQL looks after its own files.
func databaseIsWhole(i *inspection) error {
	if i.database != "" {
		return nil
	}
	db, err := sql.Open("sqlite3", "file:"+i.path("office/darsd.db")+"?mode=ro&_busy_timeout=10000")
	if err != nil {
		return err
	}
	defer db.Close()
	var word string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&word); err != nil || word != "ok" {
		return fmt.Errorf("PRAGMA integrity_check: %s %v", word, err)
	}
	return nil
}

var recipients = []string{"sam", "nora"}

// shown is what somebody would see over SFTP, with the means to read it that leaves
// no trace in the ledger.
func (i *inspection) shown(login string) (all []sftpd.Entry, read func(sftpd.Entry) ([]byte, error), err error) {
	p, err := office.Desk{Office: i.house.Office}.Person(i, login)
	if err != nil {
		return nil, nil, err
	}
	k := counter{house: i.house}
	all, err = k.Root(i, p.ID)
	return all, func(e sftpd.Entry) ([]byte, error) {
		content, err := k.Open(i, p.ID, e)
		if err != nil {
			return nil, err
		}
		defer content.Close()
		return io.ReadAll(io.NewSectionReader(content, 0, e.Size))
	}, err
}

func nothingHalfPublished(i *inspection) error {
	for _, login := range recipients {
		all, read, err := i.shown(login)
		if err != nil {
			return err
		}
		bags, gone := map[string]map[string][]byte{}, map[string]bool{}
		for _, e := range all {
			parts := strings.SplitN(e.Path, "/", 4)
			if parts[0] != "collect" || len(parts) < 4 {
				continue
			}
			content, err := read(e)
			if err != nil {
				// It may have been purged since it was listed, and its first files read
				// before.
				if again, _, _ := i.shown(login); !slices.ContainsFunc(again, func(x sftpd.Entry) bool { return x.Path == e.Path }) {
					gone[parts[2]] = true
					continue
				}
				return fmt.Errorf("%s cannot read %s: %w", login, e.Path, err)
			}
			if int64(len(content)) != e.Size {
				return fmt.Errorf("%s has %d bytes and is listed with %d", e.Path, len(content), e.Size)
			}
			if bags[parts[2]] == nil {
				bags[parts[2]] = map[string][]byte{}
			}
			bags[parts[2]][parts[3]] = content
		}
		for release, files := range bags {
			if gone[release] {
				continue
			}
			if err := sumsAreRight(files); err != nil {
				return fmt.Errorf("%s of %s: %w", release, login, err)
			}
		}
	}
	return nil
}

// bagIsWhole checks a package on a client's disk, by its manifests alone.
func bagIsWhole(dir fs.FS) error {
	files := map[string][]byte{}
	err := fs.WalkDir(dir, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files[name], err = fs.ReadFile(dir, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	return sumsAreRight(files)
}

// sumsAreRight holds the files of a bag against its manifests, which name all of
// them but the signature.
func sumsAreRight(files map[string][]byte) error {
	named := map[string]bool{"tagmanifest-sha512.txt": true, "tagmanifest-sha512.txt.sig": true}
	for _, manifest := range []string{"manifest-sha512.txt", "tagmanifest-sha512.txt"} {
		if files[manifest] == nil {
			return fmt.Errorf("there is no %s", manifest)
		}
		for line := range strings.Lines(string(files[manifest])) {
			sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
			got := sha512.Sum512(files[name])
			if files[name] == nil || hex.EncodeToString(got[:]) != sum {
				return fmt.Errorf("%s is not what %s says", name, manifest)
			}
			named[name] = true
		}
	}
	data := 0
	for name := range files {
		if !named[name] {
			return fmt.Errorf("%s is in no manifest", name)
		}
		if strings.HasPrefix(name, "data/") {
			data++
		}
	}
	if data == 0 {
		return errors.New("there is nothing under data/")
	}
	return nil
}

// nothingIsLost looks in the order in which things move, so that nothing passes it
// by.
func nothingIsLost(i *inspection) error {
	for _, h := range i.handed {
		var places []string
		if h.login != "" {
			p, err := office.Desk{Office: i.house.Office}.Person(i, h.login)
			if err != nil {
				return err
			}
			tray := i.house.vault.Tray(p.ID)
			uploads, err := tray.List()
			if err != nil {
				return err
			}
			claims, err := tray.Claims()
			if err != nil {
				return err
			}
			for _, name := range claims {
				places = append(places, name)
			}
			if uploads2, err := tray.List(); err == nil { // where the verdict may be by now
				uploads = append(uploads, uploads2...)
			}
			for _, u := range uploads {
				places = append(places, strings.TrimSuffix(u.Name, ".verdict.json"))
			}
		} else {
			for _, pattern := range []string{"", ".claimed/*/", "accepted/", "rejected/"} {
				name := i.path("office/folders/" + h.folder + "/" + pattern + h.name)
				if pattern == "accepted/" {
					name += ".verdict.json"
				}
				found, err := filepath.Glob(name)
				if err != nil {
					return err
				}
				for range found {
					places = append(places, h.name)
				}
			}
		}
		if !slices.Contains(places, h.name) {
			return fmt.Errorf("%s was put into %s%s and is nowhere: %v", h.name, h.folder, h.login, places)
		}
	}
	return nil
}

// all lends every noun of a kind.
func all[T any, P store.Noun[T]](i *inspection) (found []P, err error) {
	err = i.house.Store.View(i, func(tx *store.Tx) error {
		found, err = store.Find[T, P](tx)
		return err
	})
	return found, err
}

// noTwo refuses what is there twice.
func noTwo[T any](all []T, err error, what func(T) string) error {
	seen := map[string]bool{}
	for _, one := range all {
		name := what(one)
		if seen[name] {
			return fmt.Errorf("there are two of %s", name)
		}
		seen[name] = true
	}
	return err
}

func takenInOnce(i *inspection) error {
	arrivals, err := all[dars.Arrival](i)
	err = noTwo(arrivals, err, func(a *dars.Arrival) string {
		return fmt.Sprintf("arrival in %s from %s with SHA-256 %s", a.Folder, a.From, a.Verdict.SHA256)
	})
	applications, err2 := all[dars.Application](i)
	err2 = noTwo(applications, err2, func(p *dars.Application) string { return "application " + p.Form.Title })
	lists, err3 := all[dars.List](i)
	err3 = noTwo(lists, err3, func(l *dars.List) string { return "objections list as at " + string(l.AsAt) })
	return errors.Join(err, err2, err3)
}

// noStepTwice reads the log. In this life nobody refers anything back, so nothing
// has a reason to be in a state again. What a client has of a file moves back and
// forth, as reservations are made and cut.
func noStepTwice(i *inspection) error {
	entered := map[[3]string]int64{}
	for _, e := range i.events {
		if e.Kind == "collection" || e.Kind == "receipt" || e.From == e.To {
			continue
		}
		key := [3]string{e.Kind, e.Ref, e.To}
		if before := entered[key]; before != 0 {
			return fmt.Errorf("%s %s became %s at event %d and again at event %d (%s)", e.Kind, e.Ref, e.To, before, e.Seq, e.Act)
		}
		entered[key] = e.Seq
	}
	return nil
}

func onceIsOnce(i *inspection) error {
	certificates, err := all[dars.Certificate](i)
	err = noTwo(certificates, err, func(c *dars.Certificate) string { return "certificate for " + string(c.Agreement) })
	reports, err2 := all[dars.Report](i)
	err2 = noTwo(reports, err2, func(r *dars.Report) string { return "report " + r.Name + " of " + string(r.Due) })
	papers, err3 := all[dars.Paper](i)
	err3 = noTwo(papers, err3, func(p *dars.Paper) string { return "paper " + p.Kind + " " + p.Name + " about " + p.About })
	audits, err4 := all[dars.Audit](i)
	err4 = noTwo(audits, err4, func(u *dars.Audit) string { return "audit under " + string(u.Agreement) + " for " + u.Trigger })
	agreements, err5 := all[dars.Agreement](i)
	for _, g := range agreements {
		err5 = errors.Join(err5, noTwo(g.Steps, nil, func(s dars.Step) string { return string(g.ID) + ": step " + s.Name }))
	}
	releases, err6 := all[dars.Release](i)
	err6 = noTwo(releases, err6, func(r *dars.Release) string { return fmt.Sprintf("release of %s %v", r.Agreement, r.Periods) })
	return errors.Join(err, err2, err3, err4, err5, err6)
}

// fileIDsStandForOneThing goes by the log: what a FILE id once stood for, it stands
// for always.
func fileIDsStandForOneThing(i *inspection) error {
	type thing struct{ release, period, sha512 string }
	stands := map[dars.FileID]thing{}
	for _, e := range i.events {
		if e.Kind != "release" {
			continue
		}
		var change struct{ Files []dars.ReleaseFile }
		if err := json.Unmarshal(e.Facts, &change); err != nil {
			return fmt.Errorf("event %d: %w", e.Seq, err)
		}
		for _, f := range change.Files {
			was, known := stands[f.ID]
			now := thing{e.Ref, f.Period, f.SHA512}
			if known && (was.release != now.release || was.period != now.period || was.sha512 != "" && was.sha512 != now.sha512) {
				return fmt.Errorf("%s stands for %v, and since event %d for %v", f.ID, was, e.Seq, now)
			}
			stands[f.ID] = now
		}
	}
	return nil
}

func ledgerCoversTheClient(i *inspection) error {
	for _, f := range i.fetched {
		info, err := os.Stat(f.local)
		if err != nil {
			return err
		}
		p, err := office.Desk{Office: i.house.Office}.Person(i, f.login)
		if err != nil {
			return err
		}
		if info.Size() == 0 {
			continue
		}
		var c *dars.Collection
		err = i.house.Store.View(i, func(tx *store.Tx) (err error) {
			c, err = store.Get[dars.Collection](tx, dars.CollectionRef(f.file, p.ID))
			return err
		})
		if err != nil {
			return fmt.Errorf("%s has %d bytes of %s: %w", f.login, info.Size(), f.file, err)
		}
		if has := (dars.Ranges{{To: info.Size()}}); c.Sent().Both(has).Bytes() != info.Size() {
			return fmt.Errorf("%s has %d bytes of %s, and the ledger says %v", f.login, info.Size(), f.file, c.Sent())
		}
	}
	return nil
}

func noTemporaryIsVisible(i *inspection) error {
	hidden := func(name string) bool {
		return strings.HasPrefix(path.Base(name), ".") || strings.HasSuffix(name, ".tmp")
	}
	for _, login := range recipients {
		entries, _, err := i.shown(login)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if hidden(e.Path) {
				return fmt.Errorf("%s sees %s", login, e.Path)
			}
		}
	}
	for _, pattern := range []string{"folders/*/accepted/*", "folders/*/rejected/*", "folders/*/*", "vault/releases/*/*/data/*"} {
		names, err := filepath.Glob(i.path("office/" + pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			if strings.Contains(pattern, "vault") || strings.HasSuffix(name, "/.claimed") {
				continue
			}
			if hidden(name) {
				return fmt.Errorf("there is %s", name)
			}
		}
	}
	for _, pattern := range []string{"outgoing-mail/*", "reports/*", "checkpoints/*"} {
		names, err := filepath.Glob(i.path("office/" + pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			if !hidden(name) && !slices.Contains([]string{".eml", ".pdf", ".txt", ".json", ".xlsx"}, path.Ext(name)) {
				return fmt.Errorf("there is %s", name)
			}
		}
	}
	return nil
}

func lettersAreWhole(i *inspection) error {
	_, err := i.letters()
	return err
}

// letters reads all mail that went out: whom each is to, and what about.
func (i *inspection) letters() (all []string, err error) {
	names, err := filepath.Glob(i.path("office/outgoing-mail/*.eml"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), ".") {
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		m, err := netmail.ReadMessage(bufio.NewReader(f))
		if err == nil {
			var body []byte
			if body, err = io.ReadAll(m.Body); err == nil && (len(body) == 0 || body[len(body)-1] != '\n' || m.Header.Get("Subject") == "") {
				err = errors.New("it breaks off")
			}
		}
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		// What is in a digest hangs on the hour, and lives differ in that.
		if !strings.HasPrefix(path.Base(name), "digest-") {
			all = append(all, "letter to "+m.Header.Get("To")+": "+m.Header.Get("Subject"))
		}
	}
	return all, nil
}

// someSecrets picks rows of the sources, and numbers of those who object.
func (l *life) someSecrets() (secrets [][]byte, err error) {
	for _, name := range []string{"hes-apc-201299.csv", "hes-apc-201399.csv", "hes-apc-201499.csv", "objections-2016-03-04.txt"} {
		text, err := os.ReadFile(l.path("office/sources/" + name))
		if err != nil {
			return nil, err
		}
		lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
		for n := 0; n < 2; {
			if line := bytes.TrimSpace(lines[1+l.rng.IntN(len(lines)-1)]); len(line) >= 10 {
				secrets = append(secrets, line)
				n++
			}
		}
	}
	return secrets, nil
}

// nothingInTheOpen looks everywhere but where the office keeps its sources and where
// people drop lists: a killed program leaves temporary files too.
func nothingInTheOpen(i *inspection) error {
	return filepath.WalkDir(i.path("office"), func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a daemon is at work
		}
		if err != nil {
			return err
		}
		if name == i.path("office/sources") || name == i.path("office/folders") {
			return fs.SkipDir
		}
		if e.IsDir() {
			return nil
		}
		text, err := os.ReadFile(name)
		for _, secret := range i.secrets {
			if bytes.Contains(text, secret) {
				return fmt.Errorf("%s holds %q", name, secret)
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	})
}

func nothingIsOwed(i *inspection) error {
	ahead := func() time.Time { return time.Now().Add(leaseAtMost) }
	if err := i.house.Work(i, ahead); err != nil {
		return err
	}
	left, err := i.outstanding(i)
	if len(left) > 0 {
		err = fmt.Errorf("%d pieces of work are still owed, the first after event %d: %s %s", len(left), left[0].Seq, left[0].What, left[0].Body)
	}
	return err
}

func nothingIsClaimed(i *inspection) error {
	left, err := filepath.Glob(i.path("office/folders/*/.claimed/*"))
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("%v is left", left)
	}
	for _, login := range recipients {
		p, err2 := office.Desk{Office: i.house.Office}.Person(i, login)
		if err2 != nil {
			return err2
		}
		claims, err2 := i.house.vault.Tray(p.ID).Claims()
		if err = errors.Join(err, err2); len(claims) > 0 {
			err = errors.Join(err, fmt.Errorf("%v of %s is left", claims, login))
		}
	}
	return err
}

func doctorIsContent(i *inspection) error {
	out, said, status := asked(i, "--data", i.path("office"), "doctor")
	if status != done {
		return fmt.Errorf("darsd doctor: exit status %d: %s%s", status, out, said)
	}
	return nil
}

// deadAreSwept lets two days pass for everything that lies about, by its own dates,
// and has the broom go round.
func deadAreSwept(i *inspection) error {
	past := time.Now().AddDate(0, 0, -2)
	var dead []string
	look := func(visit func(name string, e fs.DirEntry) error) error {
		return filepath.WalkDir(i.path("office"), func(name string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return visit(name, e)
		})
	}
	err := look(func(name string, e fs.DirEntry) error {
		if e.IsDir() && path.Dir(path.Dir(name)) == i.path("office/vault/releases") || strings.HasPrefix(e.Name(), ".") && e.Name() != ".claimed" {
			return os.Chtimes(name, past, past)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := i.house.sweep(nil)(i, past.AddDate(0, 0, 2)); err != nil {
		return err
	}
	named := map[string]bool{}
	releases, err := all[dars.Release](i)
	if err != nil {
		return err
	}
	for _, r := range releases {
		named[i.path("office/vault/releases/"+string(r.ID)+"/"+r.Attempt)] = true
	}
	err = look(func(name string, e fs.DirEntry) error {
		if e.IsDir() && path.Dir(path.Dir(name)) == i.path("office/vault/releases") && !named[name] || strings.HasPrefix(e.Name(), ".") && e.Name() != ".claimed" {
			dead = append(dead, name)
		}
		return nil
	})
	if err == nil && len(dead) > 0 {
		err = fmt.Errorf("%d files lie there for good, the first is %s", len(dead), dead[0])
	}
	return err
}

// sameAsUnkilled compares the log and the letters with those of a life in which
// nothing was killed. Left out is what a kill may change: the ledger and receipts,
// which then know less of what was confirmed, so that a release may never be seen
// to be collected, and its last days are written about; the order in which papers and arrivals are numbered; and the
// rounds that only the daemon goes, as it sees the clock that commands move on.
func sameAsUnkilled(i *inspection) error {
	mine, err := i.deeds()
	if err != nil {
		return err
	}
	if i.came = mine; i.meant == 0 {
		return nil // it is that life
	}
	theirs, err := unkilled(i)
	if err != nil {
		return fmt.Errorf("live without kills: %w", err)
	}
	missing, extra := less(theirs, mine), less(mine, theirs)
	if len(missing)+len(extra) > 0 {
		return fmt.Errorf("missing: %s\n    too much: %s", strings.Join(missing, "\n        "), strings.Join(extra, "\n        "))
	}
	return nil
}

// deeds is what happened, in order of words.
func (i *inspection) deeds() (lines []string, err error) {
	about := map[string]string{}
	papers, err := all[dars.Paper](i)
	if err != nil {
		return nil, err
	}
	for _, p := range papers {
		about[string(p.ID)] = p.Kind + " " + p.Name + " about " + p.About
	}
	arrivals, err := all[dars.Arrival](i)
	if err != nil {
		return nil, err
	}
	for _, a := range arrivals {
		about[a.ID] = a.Folder + " " + a.Verdict.File
	}
	for _, e := range i.events {
		switch {
		case e.Act == "release try" || e.Act == "release held":
			e.To = "" // published or collected: see above
		case e.Kind == "collection" || e.Kind == "receipt" || e.Kind == "checkpoint" || e.Kind == "scrub" || e.To == "collected":
			continue
		case about[e.Ref] != "":
			e.Ref = about[e.Ref]
		}
		lines = append(lines, fmt.Sprintf("%s %s %s: %s by %s", e.Kind, e.Ref, e.To, e.Act, e.By))
	}
	letters, err := i.letters()
	lines = append(lines, letters...)
	slices.Sort(lines)
	return slices.DeleteFunc(lines, mayDiffer.MatchString), err
}

// mayDiffer are letters that name papers by number, which follows the order in which
// papers are drawn, and what is said of a release of which not all was confirmed.
var mayDiffer = regexp.MustCompile(`PAP-\d|release remind|can(_| )be(_| )collected(_| )until`)

// less is what is in one list and not in the other, as often as it is.
func less(all, without []string) (left []string) {
	n := map[string]int{}
	for _, line := range without {
		n[line]++
	}
	for _, line := range all {
		if n[line]--; n[line] < 0 {
			left = append(left, line)
		}
	}
	return left
}

var (
	quietLife sync.Mutex
	quietEnd  []string
	quietErr  error
	quietDone bool
)

// unkilled is what a life without kills comes to; it is lived once.
func unkilled(ctx context.Context) ([]string, error) {
	quietLife.Lock()
	defer quietLife.Unlock()
	if quietDone {
		return quietEnd, quietErr
	}
	root, err := tidied()
	if err != nil {
		return nil, err
	}
	l := newLife(filepath.Join(root, "unkilled"), 0)
	quietErr = l.live(ctx)
	quietEnd = l.came
	quietDone = ctx.Err() == nil
	return quietEnd, quietErr
}
