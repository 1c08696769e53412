package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	_ "github.com/mattn/go-sqlite3" // to let a dead worker's lease end
)

// A daemon is the office's, one process after the other.
type daemon struct {
	mu  sync.Mutex
	now *serving
	n   int // started
}

// A serving is one process of it.
type serving struct {
	run   *exec.Cmd
	ready chan struct{} // closed when it serves
	ended chan struct{} // closed when it is over
	told  bool          // it was killed, or told to stop

	SFTP, Metrics string // where; to be read when it is ready
}

// deaths are the kills that are still to come.
type deaths struct {
	due  float64 // of them, by now
	done int
}

// serve starts the daemon and waits until it serves, or is dead.
func (s *soak) serve(ctx context.Context, at string) (*serving, error) {
	args := []string{"--data", s.office(), "serve"}
	if at != "" {
		args = append(args, "--at", at)
	}
	out, err := os.OpenFile(s.path("serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	d := &serving{run: exec.Command(s.darsd, args...), ready: make(chan struct{}), ended: make(chan struct{})}
	d.run.Stdout, d.run.Stderr = out, out
	if err := d.run.Start(); err != nil {
		return nil, err
	}
	go func() {
		err := d.run.Wait()
		s.daemon.mu.Lock()
		told := d.told
		s.daemon.mu.Unlock()
		if !told {
			s.finds("the daemon ended by itself: %v: %s", err, s.lastWords())
		}
		close(d.ended)
	}()
	s.daemon.mu.Lock()
	s.daemon.now = d
	s.daemon.n++
	s.daemon.mu.Unlock()
	return d, s.awaitServing(ctx, d)
}

// awaitServing waits until serve.json says that this very process serves.
func (s *soak) awaitServing(ctx context.Context, d *serving) error {
	for end := time.Now().Add(5 * time.Minute); ; {
		var says struct {
			PID           int
			SFTP, Metrics string
		}
		text, _ := os.ReadFile(s.path("office/serve.json"))
		if json.Unmarshal(text, &says) == nil && says.PID == d.run.Process.Pid && says.SFTP != "" {
			d.SFTP, d.Metrics = says.SFTP, says.Metrics
			close(d.ready)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-d.ended:
			return nil
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(end) {
			return fmt.Errorf("the daemon does not serve after five minutes: %s", s.lastWords())
		}
	}
}

// lastWords are the end of what the daemon has said.
func (s *soak) lastWords() string {
	text, _ := os.ReadFile(s.path("serve.log"))
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], " | ")
}

// serves waits for a daemon that serves.
func (s *soak) serves(ctx context.Context) (*serving, error) {
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); {
		s.daemon.mu.Lock()
		d := s.daemon.now
		s.daemon.mu.Unlock()
		select {
		case <-d.ended:
		case <-d.ready:
			return d, nil
		case <-time.After(time.Second):
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil, errors.New("nobody serves")
}

// kill ends the daemon as a power cut does, and waits until it is dead.
func (d *daemon) kill() {
	d.mu.Lock()
	now := d.now
	if now != nil {
		now.told = true
		now.run.Process.Kill()
	}
	d.mu.Unlock()
	if now != nil {
		<-now.ended
	}
}

// stop ends it as an operator does.
func (s *soak) stop() error {
	s.daemon.mu.Lock()
	d := s.daemon.now
	d.told = true
	d.run.Process.Signal(syscall.SIGTERM)
	s.daemon.mu.Unlock()
	select {
	case <-d.ended:
	case <-time.After(2 * time.Minute):
		s.finds("the daemon does not stop when it is told to: %s", s.lastWords())
		s.daemon.kill()
	}
	if code := d.run.ProcessState.ExitCode(); code != 0 {
		s.finds("the daemon was told to stop, and ended with %d: %s", code, s.lastWords())
	}
	return nil
}

// busy does some work, while the daemon is killed under it as often as is due by now.
// What does not find its moment stays due.
func (s *soak) busy(ctx context.Context, work func(context.Context) error) error {
	over, dead := make(chan struct{}), make(chan error, 1)
	go func() { dead <- s.murder(ctx, over) }()
	err := work(ctx)
	close(over)
	return errors.Join(err, <-dead)
}

// murder kills the daemon again and again, until nothing is due or the work is over.
func (s *soak) murder(ctx context.Context, over chan struct{}) error {
	for s.deaths.due >= 1 {
		lot := s.lot("kill", s.deaths.done)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over:
			return nil
		case <-time.After(time.Duration(lot.Float64() * lot.Float64() * float64(s.gap))):
		}
		if err := s.killOnce(ctx, lot.IntN(8) == 0, time.Duration(lot.Float64()*float64(300*time.Millisecond))); err != nil {
			return err
		}
	}
	return nil
}

// killOnce kills the daemon and starts it again; early, it is killed once more while it
// starts.
func (s *soak) killOnce(ctx context.Context, early bool, after time.Duration) error {
	s.daemon.kill()
	s.deaths.due--
	s.deaths.done++
	if err := s.leasesEnd(ctx); err != nil {
		return err
	}
	if early {
		life, stop := context.WithTimeout(ctx, after)
		s.serve(life, "")
		stop()
		s.daemon.kill()
		s.deaths.due--
		s.deaths.done++
		if err := s.leasesEnd(ctx); err != nil {
			return err
		}
	}
	if s.deaths.done%50 < 2 {
		s.say("killed %d times", s.deaths.done)
	}
	_, err := s.serve(ctx, "")
	return err
}

// leasesEnd lets the time pass after which another may take up what a dead worker had:
// nobody wants to wait for half a minute a thousand times. That it has passed is all that
// is changed.
func (s *soak) leasesEnd(ctx context.Context) error {
	driver, address := "sqlite3", "file:"+s.database()+"?_busy_timeout=60000&_txlock=immediate"
	if s.postgres != "" {
		driver, address = "pgx", s.postgres
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "UPDATE owed SET until = 0")
	return err
}
