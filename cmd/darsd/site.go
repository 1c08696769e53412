package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"darsd/dars"
	"darsd/documents"
	"darsd/office"
	"darsd/register"
	"darsd/store"
	"darsd/web"
)

// A site is the public pages of a house, on the network.
type site struct {
	house  atomic.Pointer[house] // as its configuration was last read
	server *web.Server
	ln     net.Listener // nil without pages
	watch  net.Listener // for those who watch over the machine; nil without
	sums   string       // of the register that a checkpoint was last signed for
}

// openSite listens where the configuration says; an empty address is nowhere.
func openSite(h *house) (_ *site, err error) {
	s := &site{}
	s.house.Store(h)
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	for _, one := range []struct {
		setting, address string
		ln               *net.Listener
	}{{"web.listen", h.cfg.Web.Listen, &s.ln}, {"metrics.listen", h.cfg.Metrics.Listen, &s.watch}} {
		if one.address == "" {
			continue
		}
		if *one.ln, err = net.Listen("tcp", one.address); err != nil {
			return nil, fmt.Errorf(`%s: %w: name another address, or "" for none`, one.setting, err)
		}
	}
	key := h.vault.SigningKey().Public().(ed25519.PublicKey)
	s.server = &web.Server{Office: s, Press: documents.Press{Office: h.Info}, Info: h.Info, Rehearsal: h.rehearsal, Papers: papersOf{h},
		PublicKey: fmt.Appendf(nil, "ed25519 %s\n", base64.StdEncoding.EncodeToString(key)), Now: time.Now, Log: h.Log.With("part", "web")}
	return s, nil
}

// papersOf are the publications of a house, which may not have been printed yet.
type papersOf struct{ *house }

func (p papersOf) Open(name string) (fs.File, error) {
	dir, err := fs.Sub(p.root.FS(), publications)
	if err != nil {
		return nil, err
	}
	return dir.Open(name)
}

func (s *site) close() {
	for _, ln := range []net.Listener{s.ln, s.watch} {
		if ln != nil {
			ln.Close()
		}
	}
}

// at is where it listens: "" for nowhere.
func (s *site) at() (pages, watch string) {
	if s.ln != nil {
		pages = s.ln.Addr().String()
	}
	if s.watch != nil {
		watch = s.watch.Addr().String()
	}
	return pages, watch
}

// run serves the pages and makes new editions until ctx is cancelled.
func (s *site) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	if s.ln != nil {
		g.Go(func() error { return s.server.Serve(ctx, s.ln) })
		g.Go(func() error { return s.publish(ctx) })
	}
	if s.watch != nil {
		g.Go(func() error { return s.server.ServeMetrics(ctx, s.watch) })
	}
	return g.Wait()
}

// How often an edition is made: when something has changed, but so that making them
// takes no more than a twentieth of the time; and every quarter of an hour, since days
// pass too.
const (
	editionEvery = 15 * time.Minute
	editionRest  = 20
)

// publish makes editions.
func (s *site) publish(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.house.Load().Store.Watch(ctx, func() { ring(changed) }) })
	g.Go(func() error {
		for {
			began := time.Now()
			if err := s.edition(ctx); err != nil && ctx.Err() == nil {
				s.server.Log.Error("the pages stay as they were", "err", err)
			}
			rest := max(time.Second, editionRest*time.Since(began))
			if !sleep(ctx, rest, nil) || !sleep(ctx, editionEvery, changed) {
				return nil
			}
		}
	})
	return g.Wait()
}

// sleep waits, or until it is woken; false when ctx is cancelled.
func sleep(ctx context.Context, d time.Duration, woken <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-woken:
	}
	return true
}

// edition makes and publishes one. A panic ends it, and not the daemon.
func (s *site) edition(ctx context.Context) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("a fault: %v", fault)
		}
	}()
	h := s.house.Load()
	public := office.Public{Office: h.Office}
	e := &web.Edition{At: h.now()}
	e.Today = h.Calendar.Day(e.At)
	if e.Rows, err = public.Register(ctx); err != nil {
		return err
	}
	act, err := s.clockAct(ctx, e.At)
	if err != nil {
		return err
	}
	changed, fresh, err := public.Unentered(ctx, e.Rows)
	if err != nil {
		return err
	}
	if err := public.Enter(ctx, act, append(changed, fresh...)); err != nil {
		return err
	}
	if len(changed) > 0 { // nobody reads a row that was altered without its correction
		if e.Rows, err = public.Register(ctx); err != nil {
			return err
		}
	}
	if e.Dashboard, err = public.Dashboard(ctx, e.Today, e.Today, e.Rows); err != nil {
		return err
	}
	if e.Cases, err = public.Applications(ctx); err != nil {
		return err
	}
	if err := s.oversight(ctx, public, e); err != nil {
		return err
	}
	if e.Objectors, e.ListAsAt, err = public.Objectors(ctx); err != nil {
		return err
	}
	e.Sums = register.Sums(e.Rows)
	if now := s.server.Edition(); now != nil && register.SumOfSums(e.Sums) == s.sums {
		e.Checkpoint = now.Checkpoint
	} else if e.Checkpoint, err = h.checkpointOf(ctx, e.At, len(e.Rows), register.SumOfSums(e.Sums)); err != nil {
		return err
	}
	s.sums = register.SumOfSums(e.Sums)
	s.server.Publish(e)
	return nil
}

// clockAct is what publishing does by itself. In a rehearsal it is as of the newest event:
// its people say what time it is, and cannot say an earlier one.
func (s *site) clockAct(ctx context.Context, at time.Time) (dars.Act, error) {
	h := s.house.Load()
	if !h.rehearsal {
		return dars.Act{Who: dars.ByClock, At: at, Via: dars.Clock}, nil
	}
	err := h.Store.View(ctx, func(tx *store.Tx) (err error) {
		at, err = tx.Newest()
		return err
	})
	return dars.Act{Who: dars.ByClock, At: at, Via: dars.Clock}, err
}

// oversight is what came of looking after the data.
func (s *site) oversight(ctx context.Context, public office.Public, e *web.Edition) (err error) {
	if e.Audits, err = public.Audits(ctx, e.At); err != nil {
		return err
	}
	if e.Sanctions, err = public.Sanctions(ctx); err != nil {
		return err
	}
	e.Recalls, err = public.Recalls(ctx, e.Today)
	return err
}
