package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pkg/sftp"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// A life is an office from its first applications to its last certificate, its
// daemon, and the people who come to it.
type life struct {
	*stage
	seed   uint64
	rng    *rand.Rand
	blows  map[string][]blow // still to come, by step
	meant  int
	step   step
	daemon *process
	from   string // when the daemon is to begin, if the rehearsal has not come so far
	story  []string
	tally  map[string]int

	handed   []handed  // what people have handed in
	fetched  []fetched // what clients have on their disks
	cases    []string  // of sam, and of nora
	came     []string  // what it all has come to
	begun    bool      // the step's work has begun
	secrets  [][]byte  // rows of data, and numbers of patients
	database string    // where the office stands, if that is no file
	drop     func()    // takes the database away
}

// A handed thing is a file or folder that lies with the office when its sender
// has been told so.
type handed struct {
	folder, login, name string // a watched folder, or whose submit/
}

// A fetched file is as far as a client has it: from its beginning on.
type fetched struct {
	login, local string
	file         dars.FileID
}

func newLife(dir string, seed uint64) *life {
	return &life{stage: &stage{dir: dir, env: quiet()}, seed: seed, rng: rand.New(rand.NewPCG(seed, 0)), tally: map[string]int{}}
}

// A step of a life is what people do, and then wait for.
type step struct {
	name      string
	weight    int // how many of a life's kills are meant for it
	commands  int // that can be killed
	downloads bool
	lasts     time.Duration // about, from when the work begins
	do        func(context.Context, *life) error
}

// story is the life. Every step can be taken up again where a kill has left it.
func story() []step {
	ms := time.Millisecond
	return []step{
		{name: "an application in a watched folder", weight: 4, lasts: 300 * ms, do: func(ctx context.Context, l *life) error {
			return l.apply(ctx, "sam", demoForm("Stroke pathways", "8D202", "sam", "HES_APC", `"201499"`, "NHSA251_REG5", "2016-03-01", "2016-08-31"))
		}},
		{name: "an application over SFTP", weight: 4, lasts: 600 * ms, do: func(ctx context.Context, l *life) error {
			return l.apply(ctx, "nora", demoForm("Readmission after hip fracture", "8D101", "nora", "HES_APC", `"201299", "201399", "201499"`, "NHSA251_REG5", "2016-03-01", "2016-08-31"))
		}},
		{name: "a third organisation", weight: 3, commands: 7, lasts: 250 * ms, do: func(ctx context.Context, l *life) error {
			if err := l.all(keypair{"ted"}); err != nil {
				return err
			}
			fingerprint, _, err := readKey(l.path("people/ted/id_ed25519.pub"))
			if err != nil {
				return err
			}
			ted := person("2016-02-04T09:10", "carol", "8D303", "ted", "Ted Moss", "applicant,collector")
			ted.args[len(ted.args)-1] = l.path("people/ted/id_ed25519.pub")
			return l.commands(ctx, append([]deed{at("2016-02-04T09:00", "carol", "org add", "8D303", "Westbrook Trust", "--security", "IG Toolkit v13: satisfactory", "--ico", "Z7654321"),
				ted, at("2016-02-04T09:20", "colin", "person key-confirm", "ted", fingerprint)}, contract("2016-02-04T10", 3, "8D303")...)...)
		}},
		{name: "an application by command", weight: 1, commands: 1, lasts: 30 * ms, do: func(ctx context.Context, l *life) error {
			form := demoForm("Falls at home", "8D303", "ted", "PRESCRIBING", `"201599"`, "NHSA251_REG5", "2016-03-01", "2016-08-31")
			if err := l.all(writing{"people/ted/application/application.yaml", form}, writing{"people/ted/application/cag-letter.txt", demoLetter}); err != nil {
				return err
			}
			return l.command(ctx, at("2016-02-05T09:00", "ted", "application submit", l.path("people/ted/application")))
		}},
		{name: "decisions", weight: 3, commands: 30, lasts: 600 * ms, do: func(ctx context.Context, l *life) error {
			for i, ref := range l.cases {
				day := []string{"2016-02-08", "2016-02-09"}[i]
				for _, one := range append(approval(day, ref+"-v1.0", i+1), at(day+"T12:00", "carol", "agreement issue", ref+"-v1.0")) {
					if err := l.command(ctx, one.(command)); err != nil {
						return err
					}
				}
			}
			return nil
		}},
		{name: "signed copies", weight: 3, lasts: 900 * ms, do: func(ctx context.Context, l *life) error {
			for i, login := range []string{"sam", "nora"} {
				home, agreement := "people/"+login+"/", l.cases[i]+"-v1.0"
				if err := l.get(ctx, login, "papers/Data-Sharing-Agreement-"+agreement+".pdf", home+"agreement.pdf"); err != nil {
					return err
				}
				if err := penOn(l.path(home+"agreement.pdf"), l.path(home+"signed.pdf"), "A signature"); err != nil {
					return err
				}
			}
			return errors.Join(l.drops(ctx, "people/sam/signed.pdf", "signed-agreements", "signed.pdf"), l.puts(ctx, "nora", "people/nora/signed.pdf", "signed.pdf"))
		}},
		{name: "signatures", weight: 2, commands: 6, lasts: 200 * ms, do: func(ctx context.Context, l *life) error {
			return l.commands(ctx, append(signature("2016-03-01T09", l.cases[0]+"-v1.0"), signature("2016-03-01T10", l.cases[1]+"-v1.0")...)...)
		}},
		{name: "a list of objections in a watched folder", weight: 3, lasts: 300 * ms, do: func(ctx context.Context, l *life) error {
			return l.drops(ctx, "office/sources/objections-2016-03-04.txt", "objections", "objections-2016-02-29.txt")
		}},
		{name: "production", weight: 4, commands: 4, lasts: 1200 * ms, do: func(ctx context.Context, l *life) error {
			return l.commands(ctx,
				at("2016-03-08T09:00", "carol", "release plan", l.cases[0]+"-v1.0", "--dataset", "HES_APC"), at("2016-03-08T10:00", "priya", "release produce", "REL-000001"),
				at("2016-03-08T11:00", "carol", "release plan", l.cases[1]+"-v1.0", "--dataset", "HES_APC"), at("2016-03-08T12:00", "priya", "release produce", "REL-000002"))
		}},
		{name: "publication", weight: 3, commands: 6, lasts: 300 * ms, do: func(ctx context.Context, l *life) error {
			return l.commands(ctx, append(released("REL-000001", "2016-03-09", "", "")[2:], released("REL-000002", "2016-03-10", "", "")[2:]...)...)
		}},
		{name: "downloads", weight: 5, downloads: true, lasts: 250 * ms, do: func(ctx context.Context, l *life) error {
			for i, login := range []string{"sam", "nora"} {
				release := fmt.Sprintf("REL-%06d", i+1)
				if err := l.get(ctx, login, "collect/"+l.cases[i]+"-v1.0/"+release, "people/"+login+"/"+release); err != nil {
					return err
				}
				if err := bagIsWhole(os.DirFS(l.path("people/" + login + "/" + release))); err != nil {
					return err
				}
				if _, said, status := asked(ctx, "verify", l.path("people/"+login+"/"+release)); status != done {
					return fmt.Errorf("darsd verify of what %s has collected: %s", login, said)
				}
			}
			return nil
		}},
		{name: "a newer list by command", weight: 1, commands: 1, lasts: 30 * ms, do: func(ctx context.Context, l *life) error {
			return l.command(ctx, at("2016-03-11T09:00", "priya", "objections load", l.path("office/sources/objections-2016-03-04.txt"), "--as-at", "2016-03-04"))
		}},
		{name: "half a year", weight: 4, commands: 1, lasts: 1500 * ms, do: func(ctx context.Context, l *life) error {
			return l.command(ctx, at("2016-03-12T12:00", "", "run-due", "--until", "2016-08-30T12:00"))
		}},
		{name: "expiry, by a daemon that slept", weight: 4, lasts: 300 * ms, do: func(ctx context.Context, l *life) error {
			if err := l.rest(ctx); err != nil {
				return err
			}
			l.from = "2016-09-01T09:00"
			if err := l.serves(ctx); err != nil {
				return err
			}
			return l.awaits(ctx, "two certificates of destruction", func() bool {
				n, err := l.count(ctx, "certificate")
				return err == nil && n == 2
			})
		}},
		{name: "certificates", weight: 4, lasts: 900 * ms, do: func(ctx context.Context, l *life) error {
			for _, login := range []string{"sam", "nora"} {
				id, err := l.certificate(ctx, login)
				if err != nil {
					return err
				}
				home := "people/" + login + "/"
				if err := l.get(ctx, login, "papers/"+id+".yaml", home+id+".yaml"); err != nil {
					return err
				}
				if err := fillCertificate(l.path(home+id+".yaml"), l.path(home+"filled.yaml"), "2016-09-01", "Dr Nora Field"); err != nil {
					return err
				}
				if login == "sam" {
					err = l.drops(ctx, home+"filled.yaml", "certificates", id+".yaml")
				} else {
					err = l.puts(ctx, login, home+"filled.yaml", id+".yaml")
				}
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{name: "certificates accepted", weight: 2, commands: 2, lasts: 60 * ms, do: func(ctx context.Context, l *life) error {
			return l.commands(ctx, at("2016-09-02T10:00", "cora", "certificate accept", "CERT-000001"), at("2016-09-02T10:10", "cora", "certificate accept", "CERT-000002"))
		}},
	}
}

// live lives it.
func (l *life) live(ctx context.Context) (err error) {
	if err := l.found(ctx); err != nil {
		return fmt.Errorf("found the office: %w", err)
	}
	defer l.drop()
	if l.secrets, err = l.someSecrets(); err != nil {
		return err
	}
	defer func() {
		if l.daemon != nil {
			l.daemon.kill()
			<-l.daemon.ended
		}
	}()
	for _, s := range story() {
		l.step, l.begun = s, false
		if err = l.prepares(ctx); err == nil {
			err = s.do(ctx, l)
		}
		if err == nil {
			err = l.finish(ctx)
		}
		if err != nil {
			return fmt.Errorf("seed %d, step %q: %w\n%s", l.seed, s.name, err, l.tail())
		}
	}
	if err := l.end(ctx); err != nil {
		return fmt.Errorf("seed %d, at the end: %w\n%s", l.seed, err, l.tail())
	}
	return nil
}

// prepares lets the daemon serve for a step, and the first kill wait for it. One
// by a system call is for a daemon that is started for it; the one before is told
// to stop, and does.
func (l *life) prepares(ctx context.Context) error {
	i := slices.IndexFunc(l.blows[l.step.name], func(b blow) bool { return !b.command })
	if l.daemon != nil && (i < 0 || l.blows[l.step.name][i].call == "") {
		l.daemon.await(l.next(false))
		return nil
	}
	if err := l.rest(ctx); err != nil {
		return err
	}
	return l.serves(ctx)
}

// finish ends a step: what is owed is done, and kills that did not find their
// moment come now.
func (l *life) finish(ctx context.Context) error {
	if err := l.settles(ctx); err != nil {
		return err
	}
	for l.daemon.blow != nil || len(l.blows[l.step.name]) > 0 {
		if l.daemon.blow == nil {
			l.blows[l.step.name] = l.blows[l.step.name][1:]
		}
		l.daemon.blow = &blow{}
		l.daemon.kill()
		if err := l.recovers(ctx); err != nil {
			return err
		}
		if err := l.settles(ctx); err != nil {
			return err
		}
	}
	return l.hold(ctx, "at the end of the step")
}

// settles waits until nothing is owed, nor in the hands of intake.
func (l *life) settles(ctx context.Context) error {
	return l.awaits(ctx, "the end of what is owed", func() bool {
		left, err := l.outstanding(ctx)
		return err == nil && len(left) == 0
	})
}

func (l *life) outstanding(ctx context.Context) (left []store.Owed, err error) {
	err = l.looks(ctx, func(h *house) error {
		return h.Store.View(ctx, func(tx *store.Tx) error {
			left, err = tx.Outstanding()
			return err
		})
	})
	return left, err
}

func (l *life) count(ctx context.Context, kind string) (n int, err error) {
	err = l.looks(ctx, func(h *house) error {
		return h.Store.View(ctx, func(tx *store.Tx) error {
			n, err = tx.Count(kind)
			return err
		})
	})
	return n, err
}

// looks opens the office beside its daemon, as a command does.
func (l *life) looks(ctx context.Context, at func(*house) error) error {
	h, err := open(ctx, l.path("office"), "", io.Discard)
	if err != nil {
		return err
	}
	defer h.close()
	h.clock = func() time.Time {
		newest, _ := h.newest(ctx)
		return newest
	}
	return at(h)
}

// apply hands in an application, sam's by folder and nora's over SFTP.
func (l *life) apply(ctx context.Context, login, form string) error {
	dir := "people/" + login + "/" + login + "s-application"
	if err := l.all(writing{dir + "/application.yaml", form}, writing{dir + "/cag-letter.txt", demoLetter}); err != nil {
		return err
	}
	hand := func() error { return l.drops(ctx, dir, "applications", path.Base(dir)) }
	if login == "nora" {
		hand = func() error { return l.puts(ctx, login, dir, path.Base(dir)) }
	}
	if err := hand(); err != nil {
		return err
	}
	return l.looks(ctx, func(h *house) error {
		all, err := office.List[dars.Application](ctx, office.Desk{Office: h.Office}, dars.ByClock, orgOfApplication)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(p *dars.Application) bool {
			return p.Form.Organisation == map[string]dars.OrgCode{"sam": "8D202", "nora": "8D101"}[login]
		})
		if i < 0 {
			return errors.New("the application was accepted, and is not there")
		}
		l.cases = append(l.cases, string(all[i].Stem))
		return nil
	})
}

// certificate is what somebody's organisation is asked for.
func (l *life) certificate(ctx context.Context, login string) (id string, err error) {
	err = l.looks(ctx, func(h *house) error {
		p, err := office.Desk{Office: h.Office}.Person(ctx, login)
		if err != nil {
			return err
		}
		all, err := office.List[dars.Certificate](ctx, office.Desk{Office: h.Office}, p.ID, func(c *dars.Certificate) dars.OrgCode { return c.Org })
		for _, c := range all {
			id = string(c.ID)
		}
		return err
	})
	return id, err
}

// drops puts a file or folder into a watched folder, and waits for the verdict.
func (l *life) drops(ctx context.Context, from, folder, name string) error {
	to := l.path("office/folders/" + folder + "/" + name)
	if err := copyAll(l.path(from), to); err != nil {
		return err
	}
	l.handed = append(l.handed, handed{folder: folder, name: name})
	if err := l.awaits(ctx, "the claim of "+name, func() bool {
		_, err := os.Lstat(to)
		return errors.Is(err, fs.ErrNotExist)
	}); err != nil {
		return err
	}
	l.begins()
	var text []byte
	if err := l.awaits(ctx, "the verdict on "+name, func() (there bool) {
		for _, dir := range []string{"accepted", "rejected"} {
			if _, err := os.Stat(l.path("office/folders/" + folder + "/" + dir + "/" + name + ".verdict.txt")); err == nil {
				text, _ = os.ReadFile(l.path("office/folders/" + folder + "/" + dir + "/" + name + ".verdict.json"))
				there = true
			}
		}
		return there
	}); err != nil {
		return err
	}
	return notRejected(name, text)
}

func notRejected(name string, text []byte) error {
	var v dars.Verdict
	if err := json.Unmarshal(text, &v); err != nil {
		return fmt.Errorf("the verdict on %s: %w", name, err)
	}
	if v.Verdict == dars.VerdictRejected {
		return fmt.Errorf("%s was rejected (%s): %s", name, v.Code, v.Reason)
	}
	return nil
}

// puts puts a file or folder into submit/ and waits for the verdict. Where the
// line breaks, the client sends all of it again, as people do.
func (l *life) puts(ctx context.Context, login, from, name string) error {
	var text []byte
	verdict := "submit/" + name + ".verdict.json"
	sent := false
	err := l.session(ctx, login, func(c *sftp.Client) error {
		if _, err := c.Stat(verdict); err != nil {
			if err := put(c, l.path(from), "submit/"+name); err != nil {
				return err
			}
			if !sent {
				l.handed = append(l.handed, handed{login: login, name: name})
				sent = true
				l.begins()
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for text == nil {
		err := l.session(ctx, login, func(c *sftp.Client) error {
			return l.awaits(ctx, "the verdict on "+name, func() bool {
				f, err := c.Open(verdict)
				if err != nil {
					return l.daemon.isDead() || !errors.Is(err, fs.ErrNotExist)
				}
				defer f.Close()
				text, err = io.ReadAll(f)
				if err != nil {
					text = nil
				}
				return err == nil
			})
		})
		if err != nil {
			return err
		}
	}
	return notRejected(name, text)
}

func put(c *sftp.Client, from, to string) error {
	return filepath.WalkDir(from, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		name := path.Join(to, filepath.ToSlash(below))
		if e.IsDir() {
			if info, err := c.Stat(name); err == nil && info.IsDir() {
				return nil
			}
			return c.Mkdir(name)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		f, err := c.Create(name)
		if err != nil {
			return err
		}
		_, err = f.Write(content)
		return errors.Join(err, f.Close())
	})
}

// get fetches a file or folder, from where it stopped when the line breaks.
func (l *life) get(ctx context.Context, login, from, to string) error {
	return l.session(ctx, login, func(c *sftp.Client) error {
		for w := c.Walk(from); w.Step(); {
			if w.Err() != nil {
				return w.Err()
			}
			if w.Stat().IsDir() {
				continue
			}
			local := l.path(path.Join(to, strings.TrimPrefix(w.Path(), from)))
			if err := l.resume(c, login, w.Path(), local); err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *life) resume(c *sftp.Client, login, from, local string) error {
	in, err := c.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(local), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(local, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	info, err := out.Stat()
	if err != nil {
		return err
	}
	if file := path.Base(from); path.Base(path.Dir(from)) == "data" {
		f := fetched{login, local, dars.FileID(file[:11])}
		if !slices.Contains(l.fetched, f) {
			l.fetched = append(l.fetched, f)
		}
		l.begins()
	}
	if _, err := in.Seek(info.Size(), io.SeekStart); err != nil {
		return err
	}
	_, err = in.WriteTo(counting{out, l})
	return err
}

// counting is a client's disk, by which a kill may wait for so many bytes.
type counting struct {
	io.Writer
	l *life
}

func (c counting) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	if d := c.l.daemon; d.blow != nil && d.blow.bytes > 0 {
		if d.taken += int64(n); d.taken >= d.blow.bytes {
			d.kill()
		}
	}
	return n, err
}

// session is one of SFTP, had again when the daemon was killed under it.
func (l *life) session(ctx context.Context, login string, do func(*sftp.Client) error) error {
	for {
		if l.daemon.isDead() {
			if err := l.recovers(ctx); err != nil {
				return err
			}
		}
		err := l.sftp(login, do)
		if err == nil {
			return nil
		}
		select {
		case <-l.daemon.ended: // that is why
		case <-time.After(3 * time.Second):
			return fmt.Errorf("%s over SFTP: %w", login, err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *life) commands(ctx context.Context, all ...deed) error {
	for _, one := range all {
		if err := l.command(ctx, one.(command)); err != nil {
			return err
		}
	}
	return nil
}

// command is a command that somebody gives. One that was killed is given again,
// unless the log says that it was done.
func (l *life) command(ctx context.Context, c command) error {
	for {
		before, err := l.head(ctx)
		if err != nil {
			return err
		}
		b := l.next(true)
		p, err := l.start(b, c.argv("")[2:]...)
		if err != nil {
			return err
		}
		l.begins()
		if p.await(b); b != nil {
			p.begins()
		}
		for running := true; running; {
			select {
			case <-p.ended:
				running = false
			case <-l.daemon.ended:
				if err := l.recovers(ctx); err != nil {
					p.kill()
					<-p.ended
					return err
				}
			case <-time.After(5 * time.Minute):
				p.kill()
				<-p.ended
				return fmt.Errorf("darsd %s does not end:\n%s", strings.Join(c.args, " "), p.said())
			}
		}
		if !wasKilled(p.err) {
			if b != nil { // it was quicker: the next one, or else the daemon, is killed
				b.skip = 0
				l.blows[l.step.name] = append([]blow{*b}, l.blows[l.step.name]...)
			}
			if p.err != nil {
				return fmt.Errorf("darsd %s (%s): %w\n%s", strings.Join(c.args, " "), c.as, p.err, p.said())
			}
			return nil
		}
		if b == nil {
			return fmt.Errorf("somebody else has killed darsd %s", strings.Join(c.args, " "))
		}
		l.notes(b, strings.Join(c.args[:min(2, len(c.args))], " "))
		if err := l.hold(ctx, "after the command was killed"); err != nil {
			return err
		}
		if err := l.leasesEnd(ctx); err != nil {
			return err
		}
		if c.as == "" { // the clock's: it goes on where it stopped
			c.at = ""
			continue
		}
		acted, err := l.actedSince(ctx, before, c.as)
		if acted || err != nil {
			return err
		}
	}
}

func (l *life) head(ctx context.Context) (seq int64, err error) {
	err = l.looks(ctx, func(h *house) error {
		seq, err = h.head(ctx)
		return err
	})
	return seq, err
}

// actedSince asks the log whether somebody's command was done.
func (l *life) actedSince(ctx context.Context, seq int64, login string) (acted bool, err error) {
	err = l.looks(ctx, func(h *house) error {
		p, err := office.Desk{Office: h.Office}.Person(ctx, login)
		if err != nil {
			return err
		}
		return h.Store.View(ctx, func(tx *store.Tx) error {
			all, err := tx.Events("", "", seq+1, 1<<30)
			acted = slices.ContainsFunc(all, func(e store.Event) bool { return e.By == p.ID })
			return err
		})
	})
	return acted, err
}

// awaits waits for something, and brings the daemon back when it is killed.
func (l *life) awaits(ctx context.Context, what string, there func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(5 * time.Minute); !there(); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.daemon.ended:
			if err := l.recovers(ctx); err != nil {
				return err
			}
		case <-tick.C:
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s did not come", what)
		}
	}
	return nil
}
