package sftpd

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// greeted dials many times at once and returns the connections that the server
// has spoken to.
func (o *office) greeted(n int) []net.Conn {
	var mu sync.Mutex
	var in []net.Conn
	var all sync.WaitGroup
	for range n {
		nc := o.dial()
		all.Go(func() {
			if _, err := io.ReadFull(nc, make([]byte, 4)); err != nil {
				nc.Close()
				return
			}
			mu.Lock()
			defer mu.Unlock()
			in = append(in, nc)
		})
	}
	all.Wait()
	for _, nc := range in {
		o.t.Cleanup(func() { nc.Close() })
	}
	return in
}

func TestStrangersAreLimited(t *testing.T) {
	o := open(t, func(o *office) { o.server.Limits = Limits{Strangers: 3, Failures: 1000} })
	for range 3 { // who has signed in is no stranger any more
		o.visit(alice)
	}
	o.until("they count as known", func() bool {
		a := &o.server.attendance
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.waiting == 0
	})
	in := o.greeted(20)
	if len(in) != 3 {
		t.Errorf("%d were let in", len(in))
	}
	if !o.turnedAway() {
		t.Error("one more was let in")
	}
	in[0].Close()
	o.until("another may come", func() bool { return !o.turnedAway() })
}

// From one address some sign in at a time, and some wait in line until it is
// their turn, or too late.
func TestStrangersFromOneAddressWaitInLine(t *testing.T) {
	bubble(t, Limits{StrangersEach: 3, LineEach: 4, Failures: 1000}, func(t *testing.T, o *office) {
		var greeted, turnedAway atomic.Int32
		var lines []net.Conn
		var all sync.WaitGroup
		for range 20 {
			nc := o.dial()
			lines = append(lines, nc)
			all.Go(func() {
				if _, err := io.ReadFull(nc, make([]byte, 4)); err != nil {
					turnedAway.Add(1)
				} else {
					greeted.Add(1)
				}
			})
		}
		stands := func(in, away int32) {
			t.Helper()
			synctest.Wait()
			if greeted.Load() != in || turnedAway.Load() != away {
				t.Errorf("%d were let in and %d turned away, not %d and %d", greeted.Load(), turnedAway.Load(), in, away)
			}
		}
		stands(3, 13)
		lines[0].Close()
		lines[1].Close()
		stands(5, 13)
		time.Sleep(29 * time.Second)
		lines[2].Close()
		stands(6, 13)
		time.Sleep(2 * time.Second) // the last one's turn has not come
		for _, nc := range lines {
			nc.Close()
		}
		all.Wait()
		o.until("nobody is counted any more", func() bool {
			a := &o.server.attendance
			a.mu.Lock()
			defer a.mu.Unlock()
			return a.waiting == 0 && len(a.strangers) == 0 && len(a.lines) == 0
		})
	})
}

// Time passes in a bubble here, and in it there is no network.
func bubble(t *testing.T, limits Limits, do func(t *testing.T, o *office)) {
	t.Helper()
	hostKeys()
	synctest.Test(t, func(t *testing.T) {
		do(t, open(t, func(o *office) {
			o.listener = inMemory()
			o.server.Limits = limits
		}))
	})
}

func TestAStrangerHasHalfAMinute(t *testing.T) {
	bubble(t, Limits{}, func(t *testing.T, o *office) {
		nc := o.dial()
		began := time.Now()
		if _, err := io.Copy(io.Discard, nc); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("it was %v", took)
		}
	})
}

// A wrong key waits, a right one does not, and a login that is not there waits
// as long.
func TestAWrongKeyWaits(t *testing.T) {
	bubble(t, Limits{Failures: 1000}, func(t *testing.T, o *office) {
		_, hers := o.key("alice", alice)
		wrong := []ssh.Signer{newED25519(t), newED25519(t)}
		for i, want := range []time.Duration{0, 0, 0, 50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond} {
			for _, login := range []string{"alice", "nobody"} {
				began := time.Now()
				if _, _, err := o.try(login, wrong...); err == nil {
					t.Fatal("signed in")
				}
				if took := time.Since(began); took != want {
					t.Errorf("the %d. time %s waited %v, want %v", i+1, login, took, want)
				}
				synctest.Wait()
			}
		}
		began := time.Now()
		client, _, err := o.try("alice", hers)
		if err != nil || time.Since(began) != 0 {
			t.Fatalf("she: %v after %v", err, time.Since(began))
		}
		client.Close()
	})
}

func TestConnectionsAreLimited(t *testing.T) {
	for name, limits := range map[string]Limits{
		"at most 3 connections at once": {ConnectionsEach: 3},
		"the office is full just now":   {Connections: 3},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, func(o *office) { o.server.Limits = limits })
			_, hers := o.key("alice", alice)
			var in, out atomic.Int32
			var all sync.WaitGroup
			clients := make(chan *ssh.Client, 100)
			for range 12 {
				all.Go(func() {
					client, _, err := o.try("alice", hers)
					if err != nil {
						t.Error(err)
						return
					}
					t.Cleanup(func() { client.Close() })
					switch _, err := client.NewSession(); {
					case err == nil:
						in.Add(1)
						clients <- client
					case strings.Contains(err.Error(), name):
						out.Add(1)
					default:
						t.Error(err)
					}
				})
			}
			all.Wait()
			if in.Load() != 3 || out.Load() != 9 {
				t.Errorf("%d were let in, %d were told why not", in.Load(), out.Load())
			}
			if limits.ConnectionsEach > 0 {
				o.visit(bob).sftp(t) // it concerns nobody else
			}
			(<-clients).Close()
			o.until("there is room again", func() bool {
				client, _, err := o.try("alice", hers)
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				_, err = client.NewSession()
				return err == nil
			})
		})
	}
}

func TestFilesOfOnePersonAreLimited(t *testing.T) {
	const most = 5
	o := open(t, func(o *office) { o.server.Limits = Limits{FilesEach: most} })
	o.file("FILE0000001", 1000)
	var all sync.WaitGroup
	var opened atomic.Int32
	files := make(chan *sftp.File, 100)
	for range 3 {
		client, _ := o.visit(alice).sftp(t)
		for i := range 8 {
			all.Go(func() {
				var f *sftp.File
				var err error
				if i%2 == 0 {
					f, err = client.Open(at("FILE0000001"))
				} else {
					f, err = client.Create("/submit/" + string(rune('a'+i)))
				}
				if err == nil {
					opened.Add(1)
					files <- f
				} else if code(err) != statusFailure || !strings.Contains(err.Error(), "too many open files") {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if opened.Load() != most {
		t.Errorf("%d files are open", opened.Load())
	}
	if err := (<-files).Close(); err != nil {
		t.Error(err)
	}
	client, _ := o.visit(alice).sftp(t)
	o.until("another can be opened", func() bool {
		_, err := client.Open(at("FILE0000001"))
		return err == nil
	})
}

// Nothing is left counted when all have gone.
func TestTheAttendanceEndsEmpty(t *testing.T) {
	o := open(t)
	o.file("FILE0000001", 1000)
	for range 5 {
		v := o.visit(alice)
		client, _ := v.sftp(t)
		if _, err := client.Open(at("FILE0000001")); err != nil {
			t.Fatal(err)
		}
		v.Close()
	}
	o.until("nobody is here", func() bool {
		a := &o.server.attendance
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.people) == 0 && len(a.strangers) == 0 && a.inside == 0 && a.waiting == 0
	})
}

func TestFloodsOfRequests(t *testing.T) {
	for name, begin := range map[string]func(*visitor) func() error{
		"on the connection": func(v *visitor) func() error {
			return func() error {
				_, _, err := v.SendRequest("keepalive@openssh.com", true, nil)
				return err
			}
		},
		"on a channel": func(v *visitor) func() error {
			ch, requests, err := v.OpenChannel("session", nil)
			if err != nil {
				t.Fatal(err)
			}
			go ssh.DiscardRequests(requests)
			return func() error {
				_, err := ch.SendRequest("env", true, nil)
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, Limits{}, func(t *testing.T, o *office) {
				ask := begin(o.visit(alice))
				for range 3 { // as many as that in a minute are taken
					for i := range 100 {
						if err := ask(); err != nil {
							t.Fatalf("the %d.: %v", i+1, err)
						}
					}
					time.Sleep(time.Minute)
				}
				n := 0
				for ask() == nil {
					n++
				}
				if n != 100 {
					t.Errorf("%d were answered", n)
				}
			})
		})
	}
}

func TestCommandsAtOnceAreLimited(t *testing.T) {
	var running, most atomic.Int32
	enough := make(chan struct{})
	o := open(t, func(o *office) {
		o.server.Limits.Channels = 20 // the place of one that has ended is free a moment later
		o.run = func(context.Context, dars.PersonID, []string, io.Reader, io.Writer, io.Writer) int {
			n := running.Add(1)
			defer running.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-enough
			return 0
		}
	})
	v := o.visit(alice)
	var all sync.WaitGroup
	outcomes := make(chan outcome, 10)
	for range 10 {
		all.Go(func() { outcomes <- v.exec(t, "wait", "") })
	}
	for range 6 {
		if got := <-outcomes; got.status != 3 || got.stderr != "darsd: 4 commands are running on this connection already; wait for one to end\n" {
			t.Errorf("%+v", got)
		}
	}
	o.until("four are running", func() bool { return running.Load() == 4 })
	close(enough)
	for range 4 {
		if got := <-outcomes; got != (outcome{}) {
			t.Errorf("%+v", got)
		}
	}
	all.Wait()
	if most.Load() != 4 {
		t.Errorf("%d ran at once", most.Load())
	}
	if got := v.exec(t, "again", ""); got != (outcome{}) {
		t.Errorf("after that: %+v", got)
	}
}

// A command that takes too long is ended, whether it listens or not.
func TestACommandHasItsTime(t *testing.T) {
	bubble(t, Limits{}, func(t *testing.T, o *office) {
		o.run = func(ctx context.Context, _ dars.PersonID, argv []string, in io.Reader, out, _ io.Writer) int {
			switch argv[0] {
			case "listens":
				<-ctx.Done()
			case "reads":
				io.Copy(io.Discard, in)
			case "writes":
				for {
					if _, err := out.Write(make([]byte, 1<<20)); err != nil {
						break
					}
				}
			}
			return 0
		}
		v := o.visit(alice)
		for _, word := range []string{"listens", "reads"} {
			session, err := v.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			session.Stderr = &said
			session.StdinPipe() // which never ends
			began := time.Now()
			err = session.Run(word)
			if took := time.Since(began); took != 10*time.Minute || err == nil || !strings.Contains(said.String(), "has taken 10m0s and was ended") {
				t.Errorf("%s: %v after %v, %q", word, err, took, said.String())
			}
		}
		// A client that does not even take what is written is not waited for.
		ch, requests, err := v.OpenChannel("session", nil)
		if err != nil {
			t.Fatal(err)
		}
		go ssh.DiscardRequests(requests)
		if ok, err := ch.SendRequest("exec", true, ssh.Marshal(struct{ Line string }{"writes"})); !ok || err != nil {
			t.Fatal(ok, err)
		}
		began := time.Now()
		v.Wait()
		if took := time.Since(began); took < 10*time.Minute || took > 10*time.Minute+2*holdClose {
			t.Errorf("writes: after %v", took)
		}
	})
}

// Where nothing is done the connection is closed, and it is said why. That a
// client says it is still there is not doing anything.
func TestAnIdleConnectionIsClosed(t *testing.T) {
	bubble(t, Limits{}, func(t *testing.T, o *office) {
		v := o.visit(alice)
		client, said := v.sftp(t)
		began := time.Now()
		ended := make(chan error, 1)
		go func() { ended <- v.Wait() }()
		for i := 0; ; i++ {
			select {
			case <-ended:
				if took := time.Since(began); took < 49*time.Minute || took > 51*time.Minute {
					t.Errorf("after %v", took)
				}
				if text := said.wait(t); !strings.Contains(text, "darsd: nothing has been done here for 30m0s") {
					t.Errorf("said: %q", text)
				}
				return
			case <-time.After(time.Minute):
				v.SendRequest("keepalive@openssh.com", true, nil)
			}
			if i == 19 {
				if _, err := client.ReadDir("/"); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func TestAConnectionWithSomethingOpenIsNotIdle(t *testing.T) {
	for name, begin := range map[string]func(t *testing.T, o *office, v *visitor){
		"a file": func(t *testing.T, o *office, v *visitor) {
			client, _ := v.sftp(t)
			if _, err := client.Open(at("FILE0000001")); err != nil {
				t.Fatal(err)
			}
		},
		"a command": func(t *testing.T, o *office, v *visitor) {
			session, err := v.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			if err := session.Start("wait"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, Limits{CommandTime: 24 * time.Hour}, func(t *testing.T, o *office) {
				o.file("FILE0000001", 1000)
				o.run = func(ctx context.Context, _ dars.PersonID, _ []string, _ io.Reader, _, _ io.Writer) int {
					<-ctx.Done()
					return 0
				}
				v := o.visit(alice)
				begin(t, o, v)
				time.Sleep(12 * time.Hour)
				if _, err := v.NewSession(); err != nil {
					t.Errorf("half a day later: %v", err)
				}
			})
		})
	}
}

// A client that answers is left alone; one that has gone without a word is
// found, and what it had open is settled.
func TestTheDeadAreFound(t *testing.T) {
	bubble(t, Limits{}, func(t *testing.T, o *office) {
		o.file("FILE0000001", 1000)
		alive, dead := o.visit(alice), o.visit(bob, func(nc net.Conn) net.Conn { return &gone{Conn: nc} })
		o.set(func() { o.roots[bob] = o.roots[alice] })
		for _, v := range []*visitor{alive, dead} {
			client, _ := v.sftp(t)
			f, err := client.Open(at("FILE0000001"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Read(make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		began := time.Now()
		dead.net.(*gone).gone.Store(true)
		b := <-o.settled
		if took := time.Since(began); b.Who != bob || took < 6*time.Minute || took > 11*time.Minute {
			t.Errorf("%s after %v", b.Who, took)
		}
		time.Sleep(time.Hour)
		if _, err := alive.NewSession(); err != nil {
			t.Errorf("who is there was taken for dead: %v", err)
		}
	})
}

// A gone connection swallows what its client says.
type gone struct {
	net.Conn
	gone atomic.Bool
}

func (g *gone) Write(p []byte) (int, error) {
	if g.gone.Load() {
		return len(p), nil
	}
	return g.Conn.Write(p)
}

// What is said to somebody for whom there is no room, or who may not come in any
// more, is seen by who uses OpenSSH.
func TestOpenSSHIsToldWhyItIsTurnedAway(t *testing.T) {
	program := needs(t, "sftp")
	o := open(t, func(o *office) { o.server.Limits = Limits{ConnectionsEach: 1} })
	v := o.visit(alice)
	c := o.openssh(program)
	c.args = append([]string{c.args[0], "-o", "LogLevel=INFO"}, c.args[1:]...)
	out, err := c.do(t, "ls /")
	if err == nil || !strings.Contains(out, "at most 1 connection") {
		t.Errorf("%v\n%s", err, out)
	}
	v.Close()
	o.set(func() { o.gone[alice] = "your access ended on 1 March 2026" })
	out, err = c.do(t, "ls /")
	if err == nil || !strings.Contains(out, "darsd: your access ended on 1 March 2026") || !strings.Contains(out, "ermission denied") {
		t.Errorf("%v\n%s", err, out)
	}
}

// A client need not answer, if it does something.
func TestWhoDoesSomethingIsNotDead(t *testing.T) {
	bubble(t, Limits{}, func(t *testing.T, o *office) {
		_, hers := o.key("alice", alice)
		c, channels, _, err := ssh.NewClientConn(o.dial(), o.addr, &ssh.ClientConfig{
			User: "alice", Auth: []ssh.AuthMethod{ssh.PublicKeys(hers)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		})
		if err != nil {
			t.Fatal(err)
		}
		requests := make(chan *ssh.Request) // nobody answers those that come
		defer close(requests)
		v := &visitor{Client: ssh.NewClient(c, channels, requests)}
		defer v.Close()
		client, _ := v.sftp(t)
		for n := range 60 {
			time.Sleep(5 * time.Minute)
			if _, err := client.ReadDir("/"); err != nil {
				t.Fatalf("the %d. time: %v", n+1, err)
			}
		}
	})
}
