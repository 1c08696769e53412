package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A process is one run of the program.
type process struct {
	cmd    *exec.Cmd
	log    string        // where it says what it says
	offset int64         // from where on
	ended  chan struct{} // closed when it is over
	err    error         // how; to be read then

	blow  *blow // the kill that waits for it
	taken int64 // bytes of downloads that clients have of it
	timer *time.Timer
}

// start runs the program. A kill by a system call is strace's, which steps aside
// (-D), so that what we start is the program itself.
func (l *life) start(b *blow, args ...string) (*process, error) {
	self, err := exec.LookPath("darsd")
	if err != nil {
		return nil, err
	}
	line := append([]string{self, "--data", l.path("office")}, args...)
	if b != nil && b.call != "" {
		line = append([]string{"strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + b.call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", b.call, b.n)}, line...)
	}
	name := "commands.log"
	if args[0] == "serve" {
		name = "serve.log"
	}
	p := &process{cmd: exec.Command(line[0], line[1:]...), log: l.path(name), ended: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	if info, err := out.Stat(); err == nil {
		p.offset = info.Size()
	}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

func (p *process) isDead() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *process) kill() { p.cmd.Process.Kill() }

// await has a kill wait for the process.
func (p *process) await(b *blow) { p.blow = b }

// begins says that its work has begun: the time before a kill counts from here.
func (p *process) begins() {
	if b := p.blow; b != nil && b.call == "" && b.bytes == 0 && p.timer == nil {
		p.timer = time.AfterFunc(b.after, p.kill)
	}
}

// said is what it has said.
func (p *process) said() string {
	text, err := os.ReadFile(p.log)
	if err != nil || int64(len(text)) < p.offset {
		return ""
	}
	return strings.TrimSpace(string(text[p.offset:]))
}

// begins says that the work of a step has begun.
func (l *life) begins() {
	l.begun = true
	l.daemon.begins()
}

// next takes the next kill of the step that is for a command, or for the daemon.
func (l *life) next(command bool) *blow {
	all := l.blows[l.step.name]
	i := slices.IndexFunc(all, func(b blow) bool { return b.command == command })
	if i < 0 {
		return nil
	}
	b := all[i]
	if b.skip > 0 {
		all[i].skip--
		return nil
	}
	l.blows[l.step.name] = slices.Delete(slices.Clone(all), i, i+1)
	return &b
}

// notes counts a kill that came about.
func (l *life) notes(b *blow, what string) {
	manner := "by time"
	switch {
	case b.call != "":
		manner = "by " + strings.Split(b.call, ",")[0]
	case b.bytes != 0:
		manner = "by bytes"
	case b.after == 0:
		manner = "after the work"
	}
	l.tally[manner]++
	l.story = append(l.story, fmt.Sprintf("%s: %s: %s", l.step.name, what, b))
}

// serves starts the daemon, and waits until it says where it serves. One that is
// killed before that is started again.
func (l *life) serves(ctx context.Context) error {
	for {
		args := []string{"serve"}
		if l.from != "" {
			come := false
			err := l.looks(ctx, func(h *house) error {
				newest, err := h.newest(ctx)
				if err != nil {
					return err
				}
				begin, err := h.parseTime(l.from)
				come = newest.After(begin)
				return err
			})
			if err != nil {
				return err
			}
			if !come {
				args = append(args, "--at", l.from)
			}
		}
		b := l.next(false)
		p, err := l.start(b, args...)
		if err != nil {
			return err
		}
		l.daemon = p
		p.await(b)
		if err := l.ready(p); err != nil {
			return err
		}
		if !p.isDead() {
			if l.begun {
				p.begins()
			}
			l.host, err = l.hostKey()
			return err
		}
		if err := l.dead(ctx); err != nil {
			return err
		}
	}
}

// ready waits until a daemon serves, or is dead. What stands in serve.json may be
// of the one before.
func (l *life) ready(p *process) error {
	return until("a daemon that serves:\n"+p.said(), func() bool {
		var said struct {
			PID  int
			SFTP string
		}
		text, _ := os.ReadFile(l.path("office/serve.json"))
		if json.Unmarshal(text, &said) == nil && said.PID == p.cmd.Process.Pid && said.SFTP != "" {
			l.address = said.SFTP
			return true
		}
		return p.isDead()
	})
}

// dead looks at what a daemon has left that was killed.
func (l *life) dead(ctx context.Context) error {
	d := l.daemon
	if !wasKilled(d.err) || d.blow == nil {
		return fmt.Errorf("the daemon ended by itself: %v\n%s", d.err, d.said())
	}
	l.notes(d.blow, "serve")
	if err := l.hold(ctx, "while nobody serves"); err != nil {
		return err
	}
	return l.leasesEnd(ctx)
}

// recovers starts the daemon again after a kill.
func (l *life) recovers(ctx context.Context) error {
	<-l.daemon.ended
	if err := l.dead(ctx); err != nil {
		return err
	}
	if err := l.serves(ctx); err != nil {
		return err
	}
	if l.daemon.isDead() {
		return nil // killed again: whoever waits for it will see
	}
	return l.hold(ctx, "when it served again")
}

// leasesEnd lets the time pass after which another may take up what a dead worker
// had: nobody wants to wait for it a thousand times. What is owed is done here with
// a clock that is ahead.
func (l *life) leasesEnd(ctx context.Context) error {
	return l.looks(ctx, func(h *house) error {
		return h.Work(ctx, func() time.Time { return time.Now().Add(leaseAtMost) })
	})
}

// leaseAtMost is after how long a dead worker's work is anybody's.
const leaseAtMost = 2*time.Minute + time.Second

// rest stops the daemon as an operator does. A kill that waited for it waits for
// the next one, but for strace's, which may strike while it stops.
func (l *life) rest(ctx context.Context) error {
	d := l.daemon
	if d == nil {
		return nil
	}
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-d.ended:
	case <-time.After(2 * time.Minute):
		return fmt.Errorf("the daemon does not stop when it is told to:\n%s", d.said())
	}
	if wasKilled(d.err) && d.blow != nil && d.blow.call != "" {
		return l.dead(ctx)
	}
	if d.err != nil {
		return fmt.Errorf("the daemon was told to stop: %w\n%s", d.err, d.said())
	}
	if d.blow != nil {
		l.blows[l.step.name] = append([]blow{*d.blow}, l.blows[l.step.name]...)
		d.blow = nil
	}
	return nil
}

// tail is the end of what the daemon has said.
func (l *life) tail() string {
	text, _ := os.ReadFile(l.path("serve.log"))
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return "the daemon's last words:\n    " + strings.Join(lines[max(0, len(lines)-15):], "\n    ")
}

// An office of the demo's people and data, in which nobody has applied yet, and
// which takes in at once what is put into submit/.
func foundBusyOffice(database string) func(*stage) error {
	return func(d *stage) error {
		for _, s := range demoScenes() {
			if !s.early {
				break
			}
			for _, one := range s.deeds {
				if err := one.do(context.Background(), d); err != nil {
					return err
				}
				if _, ok := one.(prepare); !ok {
					continue
				}
				text, err := os.ReadFile(d.path("demo.yaml"))
				if err != nil {
					return err
				}
				busy := strings.Replace(string(text), "quiet: 1s", "quiet: 200ms", 1)
				if busy == string(text) {
					return fmt.Errorf("the demo's configuration does not say how long submit/ is left quiet")
				}
				if database != "" {
					busy += fmt.Sprintf("database: %q\n", database)
				}
				if err := os.WriteFile(d.path("demo.yaml"), []byte(busy), 0o600); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

func init() { stages["busy"] = inOrder("", foundBusyOffice("")) }

// found makes the office: a copy of a prepared one, or one of its own on
// PostgreSQL.
func (l *life) found(context.Context) (err error) {
	l.drop = func() {}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return err
	}
	address := os.Getenv("DARSD_KILL_POSTGRES")
	if address == "" {
		preparing.Lock()
		defer preparing.Unlock()
		return stages["busy"].copyTo(l.dir)
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	name := strings.ToLower("kill" + rand.Text())
	if _, err := db.Exec("CREATE SCHEMA " + name); err != nil {
		return err
	}
	l.drop = func() { db.Exec("DROP SCHEMA " + name + " CASCADE"); db.Close() }
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	l.database = u.String()
	return foundBusyOffice(l.database)(l.stage)
}

var preparing sync.Mutex
