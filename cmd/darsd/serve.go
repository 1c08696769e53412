package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"darsd/dars"
	"darsd/scheduler"
	"darsd/transfer/intake"
	"darsd/transfer/sftpd"
)

func serveCommand(s *session) *cobra.Command {
	return &cobra.Command{Use: "serve", Short: "run the daemon until interrupted", Args: exactly(0), RunE: func(cmd *cobra.Command, _ []string) error {
		h, err := open(cmd.Context(), s.data, s.config, s.env.stderr)
		if err != nil {
			return err
		}
		defer h.close()
		start, err := h.when(cmd.Context(), s.at)
		if err != nil {
			return err
		}
		if h.rehearsal {
			fmt.Fprintf(s.env.stderr, "darsd: this is a rehearsal; it is %s\n", start.In(h.Calendar.Zone).Format("2006-01-02 15:04"))
		}
		hangup := make(chan os.Signal, 1)
		signal.Notify(hangup, syscall.SIGHUP)
		defer signal.Stop(hangup)
		defer context.AfterFunc(cmd.Context(), func() { h.notify(s.env, "STOPPING=1") })()
		var scheduler pulse
		scheduler.beat()
		return h.serve(cmd.Context(), serving{start: start, reload: hangup, turned: scheduler.beat, ready: func(address string) {
			h.notify(s.env, "READY=1\nSTATUS=serving at "+address)
		}, alive: func(ctx context.Context) error { return h.livesOn(ctx, s.env, &scheduler) }})
	}}
}

// A serving is how the office is served.
type serving struct {
	start  time.Time
	reload <-chan os.Signal     // asks for that; may be nil
	ready  func(address string) // is told where the SFTP endpoint listens; may be nil

	turned func()                      // is told each time the scheduler goes round; may be nil
	alive  func(context.Context) error // runs beside the parts until it is cancelled; may be nil
}

// serve runs the daemon: each part until ctx is cancelled. If one fails, ctx is
// cancelled and the others stop too: half a daemon is worse than none.
func (h *house) serve(ctx context.Context, d serving) error {
	if err := h.misfit(); err != nil {
		return err
	}
	if err := h.clockStands(ctx); err != nil {
		return err
	}
	if _, err := h.seal(); err != nil {
		h.Log.Error("papers stay owed", "err", err) // data are still collected, and handed back
	}
	if r := h.restored(); r != nil {
		h.Log.Warn("restored", "from", r.From, "events", r.Events, "letters_held", r.Held)
	}
	h.startClock(ctx, d.start)
	tell, unlock, err := h.lock()
	if err != nil {
		return err
	}
	defer unlock()
	ln, err := net.Listen("tcp", h.cfg.SFTP.Listen)
	if err != nil {
		return fmt.Errorf("sftp.listen: %w", err)
	}
	defer ln.Close()
	public, err := openSite(h)
	if err != nil {
		return err
	}
	defer public.close()
	pages, watched := public.at()
	if err := tell(served{os.Getpid(), ln.Addr().String(), pages, watched}); err != nil {
		return err
	}
	front := &reception{}
	front.Store(&counter{h})
	endpoint := &sftpd.Server{Desk: front, Ledger: front, Trays: front, Now: h.clock, Log: h.Log.With("part", "sftp"),
		Uploads: sftpd.Uploads{FileBytes: int64(h.cfg.SFTP.LargestUpload), Bytes: int64(h.cfg.SFTP.UploadQuota)},
		Grace:   h.cfg.SFTP.Grace, PQOnly: h.cfg.SFTP.PQOnly, LegacyMACs: h.cfg.SFTP.LegacyMACs}
	endpoint.SetHostKeys(h.keyring.all())
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return endpoint.Serve(ctx, ln) })
	g.Go(func() error { return public.run(ctx) })
	g.Go(func() error {
		return h.run(ctx, d, func(now *house) {
			front.Store(&counter{now})
			public.house.Store(now)
			endpoint.Recheck()
		}, endpoint)
	})
	h.Log.Info("ready", "sftp", ln.Addr().String(), "web", pages, "data", h.dir, "rehearsal", h.rehearsal)
	if d.ready != nil {
		d.ready(ln.Addr().String())
	}
	if d.alive != nil {
		g.Go(func() error { return d.alive(ctx) })
	}
	return g.Wait()
}

// run runs all parts but the endpoint, and begins them anew with the
// configuration read again when that is asked for; reread is told of it. Sessions go on meanwhile. A
// configuration that is wrong changes nothing.
func (h *house) run(ctx context.Context, d serving, reread func(*house), endpoint *sftpd.Server) error {
	for current := h; ; {
		parts, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- current.parts(parts, endpoint, d.turned) }()
		var next *house
		for next == nil {
			select {
			case err := <-ended:
				stop()
				return err
			case <-d.reload:
				var err error
				if next, err = current.reread(); err != nil {
					next = nil
					h.Log.Error("the configuration was not read again, and nothing has changed", "err", err)
				}
			}
		}
		stop()
		if err := <-ended; err != nil {
			return err
		}
		reread(next)
		current = next
		h.Log.Info("the configuration was read again")
	}
}

// parts runs the scheduler, the worker, and all that watches, until ctx is
// cancelled.
func (h *house) parts(ctx context.Context, endpoint *sftpd.Server, turned func()) error {
	var watched []*intake.Folder
	for _, name := range folders {
		folder, err := h.folder(name)
		if err != nil {
			return err
		}
		defer folder.Dir.Close()
		watched = append(watched, folder)
	}
	jobs, err := h.daemonJobs(watched)
	if err != nil {
		return err
	}
	day, err := newDay(h.Calendar.Zone, endpoint.Recheck)
	if err != nil {
		return err
	}
	jobs = append(jobs, day)
	wake, work, slow, post := make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{}, 1)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return h.Store.Watch(ctx, func() {
			h.keysChanged(ctx, endpoint)
			endpoint.Recheck()
			ring(wake)
			ring(work)
			ring(slow)
			ring(post)
		})
	})
	g.Go(func() error {
		return (&scheduler.Loop{Now: h.clock, Wake: wake, Turned: turned, Log: h.Log.With("part", "scheduler")}).Run(ctx, jobs...)
	})
	g.Go(func() error { return h.worker(ctx, work, h.QuickWork) })
	g.Go(func() error { return h.worker(ctx, slow, h.SlowWork) })
	g.Go(func() error { return h.worker(ctx, post, h.PostWork) })
	for _, folder := range watched {
		g.Go(func() error { return folder.Run(ctx) })
	}
	g.Go(func() error { return h.trays(h.Log).Run(ctx) })
	g.Go(func() error { return h.keepRefusals(ctx) })
	return g.Wait()
}

// ring says that there is something to look at; ringing twice is ringing once.
func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// worker does what is owed, when something has changed and every few seconds:
// what failed is tried again. There are three, since some of it takes hours, and since
// a mail server may take minutes.
func (h *house) worker(ctx context.Context, bell <-chan struct{}, work func(context.Context, func() time.Time) error) error {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		if err := work(ctx, time.Now); err != nil && ctx.Err() == nil {
			h.Log.Error("still owed", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-bell:
		case <-tick.C:
		}
	}
}

// lock makes sure that one daemon serves a data directory. tell writes into the
// file who serves, and where: a port of 0 in the configuration is any that is free.
func (h *house) lock() (tell func(served) error, unlock func(), err error) {
	if h.cfg.Postgres() {
		// Several daemons may serve one directory: what must be once is the
		// database's to say. The file tells of the one that came last.
		return func(by served) error { return h.root.WriteFile("serve.json", by.text(), 0o600) }, func() {}, nil
	}
	f, err := os.OpenFile(filepath.Join(h.dir, "serve.json"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		other := h.served()
		return nil, nil, dars.Refuse("served", "house", "a daemon serves %s already: process %d, at %s", h.dir, other.PID, other.SFTP)
	}
	tell = func(by served) error { return errors.Join(f.Truncate(0), writeAt(f, by.text())) }
	return tell, func() { f.Truncate(0); f.Close() }, nil
}

// A served is what serve.json says: who serves, and where.
type served struct {
	PID     int    `json:"pid"`
	SFTP    string `json:"sftp"`
	Web     string `json:"web"`     // "" without pages
	Metrics string `json:"metrics"` // "" without figures
}

// served reads it; nobody, if there is no such file.
func (h *house) served() (s served) {
	if text, err := h.root.ReadFile("serve.json"); err == nil {
		json.Unmarshal(text, &s)
	}
	return s
}

func (s served) text() []byte {
	text, _ := json.Marshal(s) // of a number and texts
	return append(text, '\n')
}

func writeAt(f *os.File, text []byte) error {
	_, err := f.WriteAt(text, 0)
	return err
}
