package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/store"
)

// story is a small office's log: events 1 to 6.
func story(t *testing.T, s *store.Store) {
	t.Helper()
	release := dars.Release{ID: "REL-000001", Agreement: "DARS-NIC-000001-B1C2D-v1.0", Dataset: "HES_APC", State: dars.Planned}
	save(t, s, &release)
	release.State = dars.Produced
	save(t, s, &release)
	page := dars.Collection{File: "FILE0000001", Release: "REL-000001", Person: "P-000005", Size: 100}
	page.Reserve("h", dars.Range{From: 0, To: 50}, noon)
	save(t, s, &page)
	page.Settle("h", dars.Ranges{{From: 0, To: 40}}, nil, noon)
	save(t, s, &page)
	save(t, s, &dars.List{ID: "OBJ-000001", Version: 1, AsAt: "2026-03-01", SHA256: "aa", Numbers: 5, Usable: true})
	save(t, s, &dars.Organisation{Code: "RA1", Name: "Trust", State: dars.OrgActive})
	if err := s.Do(t.Context(), func(tx *store.Tx) error { return tx.Owe("mail", "x") }); err != nil {
		t.Fatal(err)
	}
}

// Each column of each table that holds facts is altered in turn. What is said
// names it.
func TestVerifyNamesWhatWasAltered(t *testing.T) {
	tests := map[string]string{
		`UPDATE nouns SET state = 'checked' WHERE kind = 'release'`:                                          "release REL-000001: stored as checked, its events say produced",
		`UPDATE nouns SET body = replace(body, 'HES_APC', 'HES_OP') WHERE kind = 'release'`:                  "release REL-000001: stored with facts that its events do not say",
		`UPDATE nouns SET body = replace(body, '"to":40', '"to":4') WHERE kind = 'collection'`:               "collection FILE0000001/P-000005: stored with facts that its events do not say",
		`UPDATE nouns SET body = replace(body, '"aa"', '"bb"') WHERE kind = 'objections list'`:               "objections list OBJ-000001: stored with facts that its events do not say",
		`UPDATE nouns SET body = 'x' WHERE kind = 'release'`:                                                 "release REL-000001: stored with facts that its events do not say",
		`UPDATE nouns SET ref = 'REL-000002' WHERE kind = 'release'`:                                         "release REL-000002: stored, but no event made it\nrelease REL-000001: its events made it, but it is not stored",
		`UPDATE nouns SET kind = 'certificate' WHERE kind = 'release'`:                                       "certificate REL-000001: stored, but no event made it",
		`DELETE FROM nouns WHERE kind = 'collection'`:                                                        "collection FILE0000001/P-000005: its events made it, but it is not stored",
		`INSERT INTO nouns (kind, ref, state, body) VALUES ('audit', 'AUD-000009', 'closed', '{}')`:          "audit AUD-000009: stored, but no event made it",
		`UPDATE keys SET value = 'DARS-NIC-000002-B1C2D-v1.0' WHERE kind = 'release' AND name = 'agreement'`: "release REL-000001: stored under keys that its events do not give it",
		`UPDATE keys SET name = 'org' WHERE kind = 'release' AND name = 'agreement'`:                         "release REL-000001: stored under keys that its events do not give it",
		`UPDATE keys SET ref = 'REL-000002' WHERE kind = 'release' AND name = 'agreement'`:                   "release REL-000001: stored under keys that its events do not give it\nrelease REL-000002: has keys, but is not stored",
		`UPDATE keys SET kind = 'audit' WHERE kind = 'release' AND name = 'agreement'`:                       "audit REL-000001: has keys, but is not stored",
		`DELETE FROM keys WHERE kind = 'collection' AND name = 'person'`:                                     "collection FILE0000001/P-000005: stored under keys that its events do not give it",
		`INSERT INTO keys (kind, ref, name, value) VALUES ('release', 'REL-000001', 'file', 'FILE0000009')`:  "release REL-000001: stored under keys that its events do not give it",
		`UPDATE events SET leaf = replace(leaf, 'P-000001', 'P-000002') WHERE seq = 2`:                       "event 2 (2026-03-02, release REL-000001 produced) was altered",
		`UPDATE events SET change = '{"state":"checked"}' WHERE seq = 2`:                                     "event 2 (2026-03-02, release REL-000001 produced) was altered",
		`UPDATE events SET change = replace(change, '"to":40', '"to":4') WHERE seq = 4`:                      "event 4 (2026-03-02, collection FILE0000001/P-000005 partial) was altered",
		`UPDATE events SET change = '{"state":5}' WHERE seq = 2`:                                             "event 2 (2026-03-02, release REL-000001 produced) was altered",
		`UPDATE events SET change = 'x' WHERE seq = 2`:                                                       "event 2 (2026-03-02, release REL-000001 produced) was altered",
		`UPDATE events SET salt = 'x' WHERE seq = 2`:                                                         "event 2 (2026-03-02, release REL-000001 produced) was altered",
		`UPDATE events SET salt = NULL WHERE seq = 2`:                                                        "event 2 (2026-03-02, release REL-000001 produced) was altered",
		`UPDATE events SET change = NULL WHERE seq = 2`:                                                      "event 2 (2026-03-02, release REL-000001 produced) was altered",
		`UPDATE events SET change = NULL, salt = NULL WHERE seq = 2`:                                         "release REL-000001: stored as produced, its events say planned",
		`UPDATE events SET hash = 'x' WHERE seq = 2`:                                                         "event 2 (2026-03-02, release REL-000001 produced) was altered",
		`UPDATE events SET kind = 'audit' WHERE seq = 2`:                                                     "event 2 (2026-03-02, audit REL-000001 produced) was altered",
		`UPDATE events SET ref = 'REL-000009' WHERE seq = 2`:                                                 "event 2 (2026-03-02, release REL-000009 produced) was altered",
		`UPDATE events SET seq = 9 WHERE seq = 5`:                                                            "event 9 (2026-03-02, objections list OBJ-000001 usable) was altered",
		`UPDATE events SET leaf = 'x' WHERE seq = 2`:                                                         "event 2 (0001-01-01, release REL-000001 ) was altered",
		`DELETE FROM events WHERE seq = 1`:                                                                   "event 1 is missing",
		`DELETE FROM events WHERE seq = 4`:                                                                   "event 4 is missing",
		`DELETE FROM owed; DELETE FROM events WHERE seq = 6`:                                                 "organisation RA1: stored, but no event made it", // cut off at its end: a checkpoint shows the rest
	}
	for alter, want := range tests {
		t.Run(alter, func(t *testing.T) {
			each(t, func(t *testing.T, d database) {
				s := d.open(t)
				story(t, s)
				sound(t, s)
				d.sql(t, alter)
				_, err := s.Verify(t.Context())
				if err == nil {
					t.Fatal("nothing is wrong")
				}
				for line := range strings.Lines(want) {
					if !strings.Contains(err.Error(), strings.TrimSpace(line)) {
						t.Errorf("got: %v\nwant: %s", err, line)
					}
				}
				if strings.Contains(err.Error(), "OBJ-000001") != (strings.Contains(alter, "objections") || strings.Contains(alter, "seq = 5")) {
					t.Errorf("what was not altered is named: %v", err)
				}
			})
		})
	}
}

// What is kept so that an act does not find it, although it reads the same, is named.
func TestVerifyNamesWhatNoSearchFinds(t *testing.T) {
	tests := map[string]struct {
		alter, want string
		bytes       bool // which PostgreSQL does not take as text
	}{
		"an event taken out of its noun's":  {`UPDATE events SET ref = CAST(ref AS BLOB) WHERE seq = 2; UPDATE nouns SET state = 'planned', body = '{"id":"REL-000001","state":"planned"}' WHERE kind = 'release'`, "release REL-000001: events of it are kept where", true},
		"an event of a kind of its own":     {`UPDATE events SET kind = CAST(kind AS BLOB) WHERE seq = 2`, "release REL-000001: events of it are kept where", true},
		"a noun that no event made":         {`INSERT INTO nouns (kind, ref, state, body) VALUES ('person', CAST('P-000099' AS BLOB), 'active', '{}')`, "person P-000099: it is kept where", true},
		"a noun of a kind of its own":       {`UPDATE nouns SET kind = CAST(kind AS BLOB) WHERE kind = 'release'`, "release REL-000001: it is kept where", true},
		"a noun that is in no state":        {`UPDATE nouns SET state = CAST(state AS BLOB) WHERE kind = 'release'`, "release REL-000001: it is kept where", true},
		"a noun that is under no agreement": {`UPDATE keys SET value = CAST(value AS BLOB) WHERE kind = 'release' AND name = 'agreement'`, "release REL-000001: keys of it are kept where", true},
		"a noun behind the last":            {`INSERT INTO nouns (kind, ref, state, body) VALUES ('person', '` + "\U0010FFFF" + `1', 'active', '{}')`, "1: it is kept where", false},
		"keys behind the last":              {`INSERT INTO keys (kind, ref, name, value) VALUES ('release', '` + "\U0010FFFF" + `', 'file', 'FILE0000009')`, ": keys of it are kept where", false},
		"a noun of no kind":                 {`INSERT INTO nouns (kind, ref, state, body) VALUES ('', 'P-000099', 'active', '{}')`, " P-000099: it is kept where", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, d database) {
				if tt.bytes && d.driver != "sqlite3" {
					t.Skip("it takes no bytes as text")
				}
				s := d.open(t)
				story(t, s)
				sound(t, s)
				d.sql(t, tt.alter)
				ctx, stop := context.WithTimeout(t.Context(), 10*time.Second) // it once read on for ever
				defer stop()
				if _, err := s.Verify(ctx); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got: %v\nwant: %s", err, tt.want)
				}
			})
		})
	}
}

// Two that were altered are both named.
func TestVerifyNamesAllThatWasAltered(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		story(t, s)
		d.sql(t, `UPDATE events SET change = '{"state":5}' WHERE seq = 2`)
		d.sql(t, `UPDATE nouns SET state = 'on-hold' WHERE kind = 'organisation'`)
		_, err := s.Verify(t.Context())
		for _, want := range []string{"event 2 (", "release REL-000001: ", "organisation RA1: stored as on-hold, its events say active"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got: %v\nwant: %s", err, want)
			}
		}
	})
}

// The tables in which nothing may be altered unseen are all but those that are
// said to hold no fact.
func TestWhatHoldsNoFactMayBeLost(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		story(t, s)
		for _, table := range store.NoFacts() {
			d.sql(t, "DELETE FROM "+table)
		}
		sound(t, s)
	})
}

// The same log has the same head, and any other another.
func TestTheHeadOfTheTree(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		one, two := d.open(t), d.open(t)
		heads := map[string]bool{}
		for i := range 5 {
			head, err := one.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			again, err := two.Verify(t.Context())
			if head != again || err != nil || head.N != int64(i) || heads[head.Hash.String()] {
				t.Errorf("after %d events the heads are %v and %v, %v", i, head, again, err)
			}
			heads[head.Hash.String()] = true
			save(t, one, &thing{ID: fmt.Sprint("T-", i)})
		}
	})
}

// The leaf commits to the change and does not hold it: who a person is stands in
// their own changes and nowhere else.
func TestALeafHoldsNoFacts(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		p := &dars.Person{ID: "P-000005", Org: "RA1", Login: "rita", Name: "Rita Recipient"}
		save(t, s, p, &dars.Person{ID: "P-000006", Org: "RA1", Login: "ravi", Name: "Rita Recipient"})
		all := events(t, s)
		for _, e := range all {
			if strings.Contains(fmt.Sprintf("%+v", e.Leaf), "Rita") || !strings.Contains(string(e.Facts), "Rita") {
				t.Errorf("event %d: %+v with %s", e.Seq, e.Leaf, e.Facts)
			}
		}
		same := &thing{ID: "a", Facts: map[string]any{"x": 1}}
		save(t, s, same)
		gone := *same
		gone.Facts = nil
		save(t, s, &gone)
		save(t, s, same)
		all = events(t, s)
		if a, b := all[2], all[4]; a.Change == b.Change {
			t.Error("two changes that are the same are seen to be")
		}
	})
}

func TestEventsOfOneNoun(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		err := s.View(t.Context(), func(tx *store.Tx) error {
			at, err := tx.Newest()
			if !at.IsZero() {
				t.Errorf("the newest event of none was at %s", at)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		story(t, s)
		tests := map[string]struct {
			kind, ref string
			from      int64
			most      int
			want      string
		}{
			"all":                     {"", "", 0, 100, "123456"},
			"of one noun":             {"collection", "FILE0000001/P-000005", 0, 100, "34"},
			"from a number on":        {"", "", 3, 100, "3456"},
			"at most two":             {"", "", 2, 2, "23"},
			"of one noun, from later": {"release", "REL-000001", 2, 100, "2"},
			"of none":                 {"release", "REL-000002", 0, 100, ""},
		}
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				got := ""
				err := s.View(t.Context(), func(tx *store.Tx) error {
					all, err := tx.Events(tt.kind, tt.ref, tt.from, tt.most)
					for _, e := range all {
						got += fmt.Sprint(e.Seq)
					}
					return err
				})
				if got != tt.want || err != nil {
					t.Errorf("got %s, want %s, %v", got, tt.want, err)
				}
			})
		}
		err = s.View(t.Context(), func(tx *store.Tx) error {
			at, err := tx.Newest()
			if !at.Equal(noon) {
				t.Errorf("the newest event was at %s", at)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		// In another zone it is the same instant, and is written in UTC.
		summer := time.Date(2026, time.July, 1, 0, 30, 0, 0, time.FixedZone("BST", 3600))
		err = s.Do(t.Context(), func(tx *store.Tx) error {
			return tx.Save(dars.Act{Who: "P-000001", At: summer, Via: dars.SSH}, "kept", &thing{ID: "z"})
		})
		last := events(t, s)[6]
		if err != nil || last.At.Format(time.RFC3339) != "2026-06-30T23:30:00Z" {
			t.Errorf("it is written as %s, %v", last.At, err)
		}
	})
}

// A log of more nouns than are held at a time is verified all the same, and what is
// wrong where one page ends and the next begins is named.
func TestVerifyGoesOnFromPageToPage(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		err := s.Do(t.Context(), func(tx *store.Tx) error {
			for i := range 4001 {
				if err := tx.Save(by("P-000001"), "kept", &thing{ID: fmt.Sprintf("T-%06d", i+1), State: "new"}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sound(t, s)
		d.sql(t, `UPDATE nouns SET state = 'old' WHERE ref IN ('T-002000', 'T-004001')`)
		d.sql(t, `DELETE FROM nouns WHERE ref = 'T-002001'`)
		_, err = s.Verify(t.Context())
		want := []string{"thing T-002000: stored as old, its events say new", "thing T-002001: its events made it, but it is not stored", "thing T-004001: stored as old, its events say new"}
		if got := slices.Sorted(strings.SplitSeq(fmt.Sprint(err), "\n")); !slices.Equal(got, want) {
			t.Errorf("got: %q\nwant: %q", got, want)
		}
	})
}
