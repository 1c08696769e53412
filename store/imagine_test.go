package store_test

import (
	"errors"
	"fmt"
	"testing"

	"darsd/dars"
	"darsd/store"
)

// What is imagined is done as if it were real, and is gone afterwards: acts read what
// those before them saved, a refused one leaves no trace, and what others do meanwhile
// is not seen.
func TestWhatIsImaginedLeavesNoTrace(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save := func(s *store.Store, refuse error, orgs ...dars.Organisation) error {
			return s.Do(t.Context(), func(tx *store.Tx) error {
				for _, o := range orgs {
					if err := tx.Save(by("P-000001"), "made", &o); err != nil {
						return err
					}
				}
				return refuse
			})
		}
		look := func(s *store.Store) (said string) {
			err := s.View(t.Context(), func(tx *store.Tx) error {
				active, err := store.Find[dars.Organisation](tx, dars.By("state", dars.OrgActive))
				for _, o := range active {
					said += string(o.Code) + " " + o.Name + "; "
				}
				last, worse := tx.Last("organisation")
				said += "last " + last
				held, worst := tx.Any("organisation", dars.By("state", dars.OrgOnHold))
				said += fmt.Sprint(", on hold ", held)
				return errors.Join(err, worse, worst)
			})
			if err != nil {
				t.Fatal(err)
			}
			return said
		}
		if err := save(s, nil, dars.Organisation{Code: "RA1", Name: "one", State: dars.OrgActive}, dars.Organisation{Code: "RA2", Name: "two", State: dars.OrgActive}); err != nil {
			t.Fatal(err)
		}
		before, no := look(s), errors.New("no")
		err := s.Imagine(t.Context(), func(im *store.Store) error {
			if got := look(im); got != before {
				t.Errorf("it begins with %s, not %s", got, before)
			}
			if err := save(im, no, dars.Organisation{Code: "RA3", State: dars.OrgActive}, dars.Organisation{Code: "RA1", Name: "other", State: dars.OrgOnHold}, dars.Organisation{Code: "RA1", Name: "another", State: dars.OrgOnHold}); !errors.Is(err, no) {
				t.Errorf("it was refused with %v", err)
			}
			if got := look(im); got != before || len(im.Changed()) != 0 {
				t.Errorf("a refused act left %s", got)
			}
			if err := save(im, nil, dars.Organisation{Code: "RA3", Name: "three", State: dars.OrgActive}, dars.Organisation{Code: "RA2", Name: "two", State: dars.OrgOnHold}); err != nil {
				t.Error(err)
			}
			if err := save(s, nil, dars.Organisation{Code: "RA9", State: dars.OrgActive}); err != nil { // meanwhile, and not held up
				t.Error(err)
			}
			if got, want := look(im), "RA1 one; RA3 three; last RA3, on hold true"; got != want {
				t.Errorf("then it holds %s, want %s", got, want)
			}
			if changed := im.Changed(); len(changed) != 2 || changed[0].Ref != "RA3" || changed[1].State != string(dars.OrgOnHold) {
				t.Errorf("changed are %+v", changed)
			}
			return im.Do(t.Context(), func(tx *store.Tx) error {
				o, err := store.Get[dars.Organisation](tx, "RA1")
				if err != nil {
					return err
				}
				o.Name = "spoilt" // an act that reads a noun has it to itself
				o, err = store.Get[dars.Organisation](tx, "RA1")
				if err == nil && o.Name != "one" {
					t.Errorf("a noun that was read and not saved is %s", o.Name)
				}
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := look(s), "RA1 one; RA2 two; RA9 ; last RA9, on hold false"; got != want {
			t.Errorf("afterwards there is %s, want %s", got, want)
		}
		if _, err := s.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
