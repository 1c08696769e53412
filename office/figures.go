package office

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Figures answers a question of compliance as at the end of a day, from the log: made
// today for a day in March it says what it said in March. Of what happened it tells since
// the day from, or for twelve months where that is "".
func (o Desk) Figures(ctx context.Context, a dars.Act, kind string, from, on dars.Day) (f dars.Figures, err error) {
	if on > o.today(a) {
		return f, dars.Refuse("in-future", kind, "%s has not been yet", on)
	}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "report run"); err != nil {
			return err
		}
		f, err = o.figures(tx, kind, from, on)
		return err
	})
	return f, err
}

// Written is a report in one of its formats. The same report is the same bytes.
func (o *Office) Written(f dars.Figures, format string) ([]byte, error) {
	switch format {
	case "pdf":
		return o.Works.Papers.Figures(f)
	case "xlsx":
		return o.Works.Papers.FigureSheets(f)
	case "json":
		text, err := json.MarshalIndent(f, "", "  ")
		return append(text, '\n'), err
	}
	return nil, dars.Refuse("no-format", format, "a report has no format %.20q: it is written as %s", format, strings.Join(dars.ReportFormats, ", "))
}

// Put writes a report into the folder of reports, and says under which name.
func (o *Office) Put(f dars.Figures, format string) (name string, err error) {
	content, err := o.Written(f, format)
	if err != nil {
		return "", err
	}
	name = FigureFile(f, format)
	return name, o.Works.Reports(name, content)
}

// FigureFile is the name of a report as a file: "expiry-as-at-2026-03-31.pdf". One of a
// period of its own says when that began: "refused-from-2026-03-01-as-at-2026-03-31.pdf".
func FigureFile(f dars.Figures, format string) string {
	if f.From != "" && f.From != dars.YearTo(f.AsAt) {
		return fmt.Sprintf("%s-from-%s-as-at-%s.%s", f.Kind, f.From, f.AsAt, format)
	}
	return fmt.Sprintf("%s-as-at-%s.%s", f.Kind, f.AsAt, format)
}

// figures makes a report from what the log had at the end of a day.
func (o *Office) figures(tx *store.Tx, kind string, from, on dars.Day) (f dars.Figures, err error) {
	seq, err := tx.Before(o.Calendar.End(on))
	if err != nil {
		return f, err
	}
	s := dars.Moment{From: from, On: on, Calendar: o.Calendar}
	stood := o.standing(tx, seq, &s)
	for _, noun := range neededFor[kind] {
		if err := stood[noun](); err != nil {
			return f, fmt.Errorf("%s as at %s: %w", noun, on, err)
		}
	}
	if f, err = s.Figures(kind); err != nil {
		return f, err
	}
	head, err := tx.TreeAt(seq)
	f.Log = dars.LogHead{Events: head.N, Hash: head.Hash.String()}
	return f, err
}

// neededFor says what each report is made from: to read the rest of a long log for it
// would take its time for nothing.
var neededFor = map[string][]string{
	"expiry":         {"organisation", "contract", "agreement"},
	"certificates":   {"organisation", "certificate", "audit"},
	"holdings":       {"agreement", "release", "collection"},
	"objections":     {"release", "list"},
	"service-levels": {"application"},
	"audits":         {"organisation", "audit"},
	"sanctions":      {"organisation", "sanction"},
	"console":        {"break-glass", "shell"},
	"refused":        {"refused"},
	"recalls":        {"recall", "notice"},
}

// standing reads what the log had after an event, by what of it.
func (o *Office) standing(tx *store.Tx, seq int64, s *dars.Moment) map[string]func() error {
	return map[string]func() error{
		"organisation": asOf(tx, seq, &s.Organisations),
		"contract":     asOf(tx, seq, &s.Contracts),
		"agreement":    asOf(tx, seq, &s.Agreements),
		"certificate":  asOf(tx, seq, &s.Certificates),
		"release":      asOf(tx, seq, &s.Releases),
		"collection":   asOf(tx, seq, &s.Collections),
		"list":         asOf(tx, seq, &s.Lists),
		"audit":        asOf(tx, seq, &s.Audits),
		"sanction":     asOf(tx, seq, &s.Sanctions),
		"break-glass":  asOf(tx, seq, &s.Glass),
		"recall":       asOf(tx, seq, &s.Recalls),
		"notice":       asOf(tx, seq, &s.Notices),
		"application": func() error {
			s.Service = dars.DashboardFacts{On: s.On, Calendar: o.tables(tx)}
			return asOf(tx, seq, &s.Service.Applications)()
		},
		"shell": func() (err error) {
			s.Shell, err = shellActs(tx, seq)
			return err
		},
		"refused": func() (err error) {
			s.Refused, err = tx.Refused(o.Calendar.Start(cmp.Or(s.From, dars.YearTo(s.On))), o.Calendar.End(s.On))
			return err
		},
	}
}

// asOf reads all nouns of a kind as they were after an event.
func asOf[T any, P store.Noun[T]](tx *store.Tx, seq int64, into *[]P) func() error {
	return func() (err error) {
		*into, err = store.AsOf[T, P](tx, seq)
		return err
	}
}

// tables finds the bank holidays by which a clock was begun, each table once.
func (o *Office) tables(tx *store.Tx) func(version string) (dars.Calendar, error) {
	known := map[string]dars.Calendar{}
	return func(version string) (c dars.Calendar, err error) {
		if c, is := known[version]; is {
			return c, nil
		}
		if c, err = o.calendar(tx, version); err == nil {
			known[version] = c
		}
		return c, err
	}
}

// shellActs are what a local shell did in somebody's name, without those for which a
// reason was given: these are noted by themselves. One act may be several events.
func shellActs(tx *store.Tx, seq int64) (all []dars.ShellAct, err error) {
	err = tx.Through(0, seq, func(l store.Leaf) error {
		one := dars.ShellAct{At: l.At, Who: l.By, Act: l.Act, Via: l.Via}
		if n := len(all); n == 0 || !all[n-1].At.Equal(one.At) || all[n-1].Who != one.Who || all[n-1].Act != one.Act {
			all = append(all, one)
		}
		return nil
	}, dars.Console, dars.Rehearsal)
	return all, err
}
