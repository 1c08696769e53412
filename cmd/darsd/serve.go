package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"darsd/dars"
	"darsd/office"
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
		return h.serve(cmd.Context(), serving{start: start, reload: hangup, ready: func(address string) {
			h.notify(s.env, "READY=1\nSTATUS=serving at "+address)
		}})
	}}
}

// A serving is how the office is served.
type serving struct {
	start  time.Time
	reload <-chan os.Signal     // asks for that; may be nil
	ready  func(address string) // is told where the SFTP endpoint listens; may be nil
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
	if r := h.restored(); r != nil {
		h.Log.Warn("restored", "from", r.From, "events", r.Events, "letters_held", r.Held)
	}
	h.Log.Info("ready", "sftp", ln.Addr().String(), "web", pages, "data", h.dir, "rehearsal", h.rehearsal)
	if d.ready != nil {
		d.ready(ln.Addr().String())
	}
	return g.Wait()
}

// startClock sets the clock of the daemon: the machine's, or a rehearsal's.
func (h *house) startClock(ctx context.Context, start time.Time) {
	h.clock = time.Now
	if !h.rehearsal {
		return
	}
	clock := newWalkingClock(start)
	h.clock = func() time.Time {
		// An act elsewhere may have moved it on a moment ago.
		if reached, err := h.reached(ctx); err == nil {
			clock.reach(reached)
		}
		return clock.now()
	}
}

// run runs all parts but the endpoint, and begins them anew with the
// configuration read again when that is asked for; reread is told of it. Sessions go on meanwhile. A
// configuration that is wrong changes nothing.
func (h *house) run(ctx context.Context, d serving, reread func(*house), endpoint *sftpd.Server) error {
	for current := h; ; {
		parts, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- current.parts(parts, endpoint) }()
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
func (h *house) parts(ctx context.Context, endpoint *sftpd.Server) error {
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
		return (&scheduler.Loop{Now: h.clock, Wake: wake, Log: h.Log.With("part", "scheduler")}).Run(ctx, jobs...)
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

// daemonJobs are the clock's, and the daemon's own housekeeping.
func (h *house) daemonJobs(watched []*intake.Folder) ([]scheduler.Job, error) {
	jobs, err := h.jobs(func(d office.Done) {
		h.Log.Info("done by the clock", "kind", d.Kind, "ref", d.Ref, "to", d.To, "step", d.Step)
	})
	if err != nil {
		return nil, err
	}
	midnight, err := scheduler.Every("10 0 * * *", h.Calendar.Zone)
	if err != nil {
		return nil, err
	}
	checkpoint := func(ctx context.Context, due time.Time) error {
		_, err := h.checkpoint(ctx, due)
		return err
	}
	sunday, err := scheduler.Every("20 2 * * 0", h.Calendar.Zone)
	if err != nil {
		return nil, err
	}
	// The whole vault is much to read: not at each start, but when a Sunday has
	// passed since the last time.
	scrub := scheduler.Report(sunday, office.Desk{Office: h.Office}.LastScrub, func(ctx context.Context, due time.Time) error {
		_, _, err := h.scrub(ctx, dars.Act{Who: dars.ByClock, At: due, Via: dars.Clock})
		return err
	})
	return append(jobs,
		scheduler.Job{Name: "scrub", Next: sunday, Run: scrub},
		scheduler.Job{Name: "checkpoint", Next: midnight, Run: checkpoint}, // and at each start, as every job
		scheduler.Job{Name: "publish", Next: midnight, Run: func(ctx context.Context, due time.Time) error {
			_, err := h.publish(ctx, due)
			return err
		}},
		scheduler.Job{Name: "sweep", Next: midnight, Run: h.sweep(watched)}), nil
}

// newDay asks again, at midnight, whether what is open may be: dates decide, and the
// clock's own duties come hours later.
func newDay(zone *time.Location, recheck func()) (scheduler.Job, error) {
	midnight, err := scheduler.Every("0 0 * * *", zone)
	return scheduler.Job{Name: "new day", Next: midnight, Run: func(context.Context, time.Time) error {
		recheck()
		return nil
	}}, err
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

// A timekeeper does what the calendar asks for: the clock, or a forecast.
type timekeeper interface {
	Due(context.Context, time.Time) ([]office.Duty, error)
	Do(context.Context, office.Duty, time.Time) (*office.Done, error)
	Report(context.Context, dars.Act) (id dars.ReportID, made bool, err error)
	Reported(context.Context) (time.Time, error)
	Ordered(context.Context, time.Time) ([]office.OrderedReport, error)
	Deliver(context.Context, office.OrderedReport, time.Time) (*office.Done, error)
	Digest(ctx context.Context, due time.Time, ripe func(written time.Time) bool) error
}

// jobs are the clock's: its duties and the reports. each hears of every act.
func (h *house) jobs(each func(office.Done)) ([]scheduler.Job, error) {
	return h.jobsOf(&office.Agenda{Clock: office.Clock{Office: h.Office}}, each)
}

func (h *house) jobsOf(clock timekeeper, each func(office.Done)) (jobs []scheduler.Job, err error) {
	next := map[string]cron.Schedule{}
	for name, line := range h.cfg.Schedule {
		if next[name], err = scheduler.Every(line, h.Calendar.Zone); err != nil {
			return nil, misuse{fmt.Errorf("schedule.%s: %w", name, err)}
		}
	}
	said := func(d *office.Done) {
		if d != nil {
			each(*d)
		}
	}
	report := func(ctx context.Context, due time.Time) error {
		id, made, err := clock.Report(ctx, dars.Act{Who: dars.ByClock, At: due, Via: dars.Clock})
		if made {
			each(office.Done{At: due.UTC(), Kind: "report", Ref: string(id), To: "made", Step: "compliance-report"})
		}
		return err
	}
	return []scheduler.Job{
		{Name: "duties", Next: next["duties"], Run: scheduler.Duties(clock.Due, clock.Do, said)},
		{Name: "reports", Next: next["duties"], Run: scheduler.Duties(clock.Ordered, clock.Deliver, said)},
		{Name: "compliance-report", Next: next["compliance-report"], Run: scheduler.Report(next["compliance-report"], clock.Reported, report)},
		// A letter is ripe when its hour has come since it was written, also where
		// nobody ran then.
		{Name: "digest", Next: next["digest"], Run: func(ctx context.Context, due time.Time) error {
			return clock.Digest(ctx, due, func(written time.Time) bool { return !next["digest"].Next(written).After(due) })
		}},
	}, nil
}

// folder watches one of the folders into which people outside SFTP drop things.
func (h *house) folder(name string) (*intake.Folder, error) {
	dir := filepath.Join("folders", name)
	if err := h.root.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := h.root.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	var whole func(fs.FS) bool
	if name == "applications" {
		whole = newCompleteness().whole
	}
	hands := 1 // lists are taken in order: an older one is refused behind a newer
	if name == "signed-agreements" || name == "certificates" {
		hands = manyHands
	}
	return &intake.Folder{Name: name, Dir: root, Hands: hands, Every: time.Second, Quiet: min(h.cfg.SFTP.Quiet, settles), Now: h.now, Complete: whole, Take: h.take, Log: h.Log.With("part", "intake", "folder", name)}, nil
}

// manyHands is how many papers of a folder, and trays of outsiders, are at work at once:
// one that takes a minute to read holds up no other.
const manyHands = 4

// settles is how long a file in a watched folder must not have changed: longer than a
// scanner or a slow line pauses, and less than somebody waits who has dropped it whole.
const settles = 5 * time.Second

// trays watches what people put into submit/.
func (h *house) trays(log *slog.Logger) *intake.Trays {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &intake.Trays{People: h.vault.Trays, Tray: func(who dars.PersonID) intake.Tray { return h.vault.Tray(who) },
		Quiet: h.cfg.SFTP.Quiet, Now: h.now, Complete: newCompleteness().whole, Take: h.take, Keep: h.keepRejected, Hands: manyHands, Log: log.With("part", "intake", "folder", "submit")}
}

// now is the office's clock: the daemon's, or a command's.
func (h *house) now() time.Time {
	if h.clock != nil {
		return h.clock()
	}
	at, err := h.when(context.Background(), "")
	if err != nil {
		return time.Now()
	}
	return at
}

// take hands what came in to the office.
func (h *house) take(ctx context.Context, a intake.Arrival) dars.Verdict {
	act := office.At(a.Who, h.now())
	v := office.Intake{Office: h.Office}.Take(ctx, act, office.Arrived{Folder: a.Folder, Name: a.Name, Dir: a.Dir, Files: a.Files, SHA256: a.SHA256})
	if v.Verdict == dars.VerdictRejected {
		h.refusals.Count(act, "hand in", dars.Refuse(v.Code, "", ""))
	}
	return v
}

// keepRejected keeps what was rejected from submit/, encrypted: nothing that was
// sent to us is lost.
func (h *house) keepRejected(a intake.Arrival, _ dars.Verdict) error {
	return fs.WalkDir(a.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := a.Files.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		return safe{h.vault}.Write("", "rejected/"+a.SHA256+"/"+hexSHA256([]byte(name)), f)
	})
}
