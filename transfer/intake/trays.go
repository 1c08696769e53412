package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"darsd/dars"
)

// A Tray is what one person has put into submit/, as far as taking it in needs
// to know. Package vault keeps them.
type Tray interface {
	FS() (fs.FS, error)                                        // what the person sees
	Marks() (map[string]string, error)                         // what lies at the top, each with a mark that changes with it
	Hold() (release func(), err error)                         // waits until nobody else takes in from it
	Claim(name, mark string) (id string, err error)            // takes it out of sight if it still has that mark, else fs.ErrNotExist
	Claims() (names map[string]string, err error)              // the name of each claim that was not dropped
	Claimed(id string) (fs.FS, error)                          // what was claimed, under its name
	Put(name string, content []byte, modified time.Time) error // fs.ErrExist where a folder has that name
	Drop(id string) error                                      // deletes what was claimed
}

// Trays takes in what people have put into submit/.
//
// An upload is taken in when it has not changed for a while by our own clock: a
// client says when it has closed a file, but not whether it will go on with it.
// A folder is one arrival, when it is complete, or has not become so for ten
// minutes. Its owner need not wait
// (Submit). What is left of it is a verdict; the newest one, where the same
// name is sent again.
type Trays struct {
	People func() ([]dars.PersonID, error) // who has something
	Tray   func(dars.PersonID) Tray
	Every  time.Duration    // how often to look; half of Quiet when 0
	Quiet  time.Duration    // how long a thing must not have changed
	Now    func() time.Time // dates verdicts; nil is time.Now

	// Complete says whether everything that a folder needs is in it; nil is
	// always.
	Complete func(fs.FS) bool
	Take     func(ctx context.Context, a Arrival) dars.Verdict // without a word if it is to be asked again
	// Keep is given what was rejected, before it is deleted here; it may be nil.
	Keep  func(a Arrival, v dars.Verdict) error
	Hands int          // of how many people something is taken in at once; 0 is one
	Log   *slog.Logger // says that it is of submit/
}

// FromTrays is the Folder of an Arrival that came by submit/.
const FromTrays = "submit"

// Run takes in what people have put into their trays until ctx is cancelled.
// What is being taken in at that moment is finished first.
func (t *Trays) Run(ctx context.Context) error {
	r := t.round()
	defer r.hands.rest()
	for {
		r.say("", r.look(ctx))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(max(cmp.Or(t.Every, t.Quiet/2), 10*time.Millisecond)):
		}
	}
}

// Once takes in everything that is there now and complete, quiet or not.
func (t *Trays) Once(ctx context.Context) error {
	r := t.round()
	r.now = true
	err := r.look(ctx)
	r.hands.rest()
	for _, w := range r.watches {
		err = errors.Join(err, errors.Join(w.failed...))
	}
	return err
}

// Submit takes in one thing at once, because its owner says that it is all
// there. It returns the verdict, which lies in the tray as well.
func (t *Trays) Submit(ctx context.Context, who dars.PersonID, name string) (dars.Verdict, error) {
	name = strings.Trim(name, "/")
	tray := t.Tray(who)
	release, err := tray.Hold()
	if err != nil {
		return dars.Verdict{}, err
	}
	defer release()
	marks, err := tray.Marks()
	if err != nil {
		return dars.Verdict{}, err
	}
	mark, there := marks[name]
	if !there || unfinished(name) || dars.IsVerdict(name) {
		return dars.Verdict{}, dars.Refuse("no-upload", name, "there is no %q in your submit/ that could be taken in", name)
	}
	id, err := tray.Claim(name, mark)
	if errors.Is(err, fs.ErrNotExist) {
		return dars.Verdict{}, dars.Refuse("still-changing", name, "%q is being changed at this moment: say it again when it is all there", name)
	}
	if err != nil {
		return dars.Verdict{}, err
	}
	return t.take(ctx, who, tray, id, name)
}

// A round goes from tray to tray.
type round struct {
	*trayWatch // what goes wrong before a tray is reached
	watches    map[dars.PersonID]*trayWatch
	hands      *hands
}

func (t *Trays) round() *round {
	return &round{t.watch(""), map[dars.PersonID]*trayWatch{}, newHands(t.Hands)}
}

// look looks at each tray, but for those at which a hand is still at work.
func (r *round) look(ctx context.Context) error {
	people, err := r.People()
	if err != nil {
		return err
	}
	for _, who := range people {
		if ctx.Err() != nil {
			return nil
		}
		if r.watches[who] == nil {
			r.watches[who] = r.watch(who)
		}
		w := r.watches[who]
		if !w.busy.CompareAndSwap(false, true) {
			continue
		}
		r.hands.wait()
		w.now = r.now
		r.hands.work(func() {
			defer w.busy.Store(false)
			w.say("", w.look(ctx, w.Tray(who)))
		})
	}
	return nil
}

// trayWatch is what is remembered of one tray from one look to the next. Whoever has
// made it busy may change it.
type trayWatch struct {
	*Trays
	who  dars.PersonID
	busy atomic.Bool
	now  bool
	seen map[string]sighting // by name
	rests
	said   map[string]string // the last error about each, to say it once
	failed []error           // what went wrong, where now
}

type sighting struct {
	mark  string
	since time.Time // by our clock, which does not jump
}

func (t *Trays) watch(who dars.PersonID) *trayWatch {
	return &trayWatch{Trays: t, who: who, seen: map[string]sighting{}, rests: rests{}, said: map[string]string{}}
}

func (w *trayWatch) look(ctx context.Context, tray Tray) error {
	if err := w.adopt(ctx, tray); err != nil {
		return err
	}
	marks, err := tray.Marks()
	if err != nil {
		return err
	}
	all, err := tray.FS()
	if err != nil {
		return err
	}
	before := w.seen
	w.seen = map[string]sighting{}
	var ready []string
	for _, name := range slices.Sorted(maps.Keys(marks)) {
		if unfinished(name) || dars.IsVerdict(name) {
			continue
		}
		s, seen := before[name]
		if !seen || s.mark != marks[name] {
			s = sighting{marks[name], time.Now()}
		}
		w.seen[name] = s
		if (w.now || time.Since(s.since) >= w.Quiet) && w.whole(all, name, s.since) {
			ready = append(ready, name)
		}
	}
	if len(ready) == 0 {
		return nil
	}
	release, err := tray.Hold()
	if err != nil {
		return err
	}
	defer release()
	for _, name := range ready {
		if ctx.Err() != nil {
			return nil
		}
		id, err := tray.Claim(name, marks[name])
		if errors.Is(err, fs.ErrNotExist) {
			continue // changed since we looked, or submitted
		}
		if err == nil {
			delete(w.seen, name)
			err = w.try(ctx, tray, id, name)
		}
		w.say(name, err)
	}
	return nil
}

// whole reports whether a thing that has been quiet since then is to be taken in.
func (w *trayWatch) whole(all fs.FS, name string, since time.Time) bool {
	info, err := fs.Stat(all, name)
	if err != nil || !info.IsDir() {
		return err == nil
	}
	files, coming := 0, false
	err = fs.WalkDir(all, name, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files++
			coming = coming || dars.IsPartial(e.Name())
		}
		return err
	})
	if err != nil || coming || files == 0 {
		return false
	}
	dir, err := fs.Sub(all, name)
	return err == nil && (time.Since(since) >= patience || complete(dir, w.Complete))
}

// adopt goes on with what a program claimed that has died since.
func (w *trayWatch) adopt(ctx context.Context, tray Tray) error {
	if claims, err := tray.Claims(); err != nil || !w.anyToTry(claims) {
		return err
	}
	release, err := tray.Hold()
	if err != nil {
		return err
	}
	defer release()
	claims, err := tray.Claims() // now all are of programs that have died
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(claims)) {
		if !w.resting(id) && ctx.Err() == nil {
			w.say(id, w.try(ctx, tray, id, claims[id]))
		}
	}
	return nil
}

func (w *trayWatch) anyToTry(claims map[string]string) bool {
	for id := range claims {
		if !w.resting(id) {
			return true
		}
	}
	return false
}

func (w *trayWatch) try(ctx context.Context, tray Tray, id, name string) error {
	_, err := w.take(ctx, w.who, tray, id, name)
	w.note(id, err)
	return err
}

// take sees a claim through. The verdict is there before the content goes.
func (t *Trays) take(ctx context.Context, who dars.PersonID, tray Tray, id, name string) (v dars.Verdict, err error) {
	a := Arrival{Folder: FromTrays, Name: name, Who: who}
	if a.Files, err = tray.Claimed(id); err != nil {
		return v, err
	}
	info, err := fs.Stat(a.Files, name)
	if err != nil {
		return v, err
	}
	if a.Dir = info.IsDir(); a.Dir {
		if a.Files, err = fs.Sub(a.Files, name); err != nil {
			return v, err
		}
	}
	if a.SHA256, a.Bytes, err = digest(a.Files, name, a.Dir); err != nil {
		return v, err
	}
	if v, err = decide(context.WithoutCancel(ctx), a, t.Take); err != nil {
		return v, err
	}
	if v.Verdict == dars.VerdictRejected && t.Keep != nil {
		if err := t.Keep(a, v); err != nil {
			return v, fmt.Errorf("keep what was rejected: %w", err)
		}
	}
	if err := t.leave(tray, name, v); err != nil {
		return v, err
	}
	// No name: people write those of patients into names of files.
	t.Log.Info("taken in", "person", who, "sha256", v.SHA256, "verdict", v.Verdict, "ref", v.Ref, "rule", v.Code)
	return v, tray.Drop(id)
}

// leave puts the verdict where the upload was.
func (t *Trays) leave(tray Tray, name string, v dars.Verdict) error {
	object, sentence, err := written(v)
	if err != nil {
		return err
	}
	now := time.Now()
	if t.Now != nil {
		now = t.Now()
	}
	for n := 1; ; n++ {
		as := numbered(name, n)
		// The one that programs wait for comes last.
		err := tray.Put(as+dars.VerdictSentence, sentence, now)
		if err == nil {
			err = tray.Put(as+dars.VerdictObject, object, now)
		}
		if !errors.Is(err, fs.ErrExist) { // else a folder of the person's has that name
			return err
		}
	}
}

// say logs an error about one thing, once until it is another.
func (w *trayWatch) say(about string, err error) {
	if err == nil {
		delete(w.said, about)
		return
	}
	if w.said[about] != err.Error() {
		w.Log.Error("not taken in", "person", w.who, "err", err)
	}
	w.said[about] = err.Error()
	if w.now {
		w.failed = append(w.failed, err)
	}
}
