package dars_test

import (
	"slices"
	"testing"
	"time"

	"darsd/dars"
)

// published is a release of version 1 of the list, as three people left it.
func published(state dars.ReleaseState, late *dars.Late) *dars.Release {
	return &dars.Release{ID: "REL-000007", State: state, Late: late, Objections: dars.Upheld{Treatment: "upheld", ListVersion: 1},
		Hands: dars.Hands{{Step: "produced", By: "P-000002"}, {Step: "checked", By: "P-000003"}, {Step: "signed-off", By: "P-000004"}}}
}

func late(state dars.LateState, tried int, lists ...int) *dars.Late {
	return &dars.Late{State: state, Tried: tried, Lists: lists, Passed: []int{}}
}

func listOf(version int) *dars.List { return &dars.List{Version: version, Usable: true} }

func TestAListIsTriedOnWhatIsPublished(t *testing.T) {
	none, rows := dars.Fall{}, dars.Fall{Cause: dars.RowsFall, Rows: 3}
	gone := dars.Fall{Cause: dars.SourceChanged, Obstacle: dars.Obstacle{Why: "it is gone", Seen: []dars.Source{{Path: "a.csv"}}}}
	other := dars.Fall{Cause: dars.SourceChanged, Obstacle: dars.Obstacle{Why: "it is gone", Seen: []dars.Source{{Path: "a.csv", SHA256: "other"}}}}
	fault := dars.Fall{Cause: dars.TrialFailed, Obstacle: dars.Obstacle{Why: "the disk"}}
	excused := func(o dars.Obstacle) *dars.Late {
		l := late(dars.Resumed, 2)
		l.Excused, l.Known = []int{2}, &o
		return l
	}
	tests := map[string]struct {
		is    *dars.Release
		list  *dars.List
		fall  dars.Fall
		sent  bool
		state dars.ReleaseState
		late  dars.LateState
		lists []int
		rule  string
	}{
		"no row falls":                             {published(dars.Published, nil), listOf(2), none, true, dars.Published, dars.Untouched, nil, ""},
		"rows fall, nothing was sent":              {published(dars.Published, nil), listOf(2), rows, false, dars.ReleaseWithdrawn, dars.CalledBack, []int{2}, ""},
		"rows fall, some was sent":                 {published(dars.Published, nil), listOf(2), rows, true, dars.Published, dars.Frozen, []int{2}, ""},
		"rows fall, somebody has all":              {published(dars.Collected, nil), listOf(2), rows, true, dars.Collected, dars.Frozen, []int{2}, ""},
		"the source is gone, nothing was sent":     {published(dars.Published, nil), listOf(2), gone, false, dars.ReleaseWithdrawn, dars.CalledBack, nil, ""},
		"the source is gone, some was sent":        {published(dars.Published, nil), listOf(2), gone, true, dars.Published, dars.Frozen, nil, ""},
		"that was let pass, and nothing changed":   {published(dars.Published, excused(gone.Obstacle)), listOf(3), gone, true, dars.Published, dars.Resumed, nil, ""},
		"that was let pass, and nothing was sent":  {published(dars.Published, excused(gone.Obstacle)), listOf(3), gone, false, dars.Published, dars.Resumed, nil, ""},
		"that was let pass, and is another now":    {published(dars.Published, excused(gone.Obstacle)), listOf(3), other, true, dars.Published, dars.Frozen, nil, ""},
		"that was let pass, and rows fall":         {published(dars.Published, excused(gone.Obstacle)), listOf(3), rows, true, dars.Published, dars.Frozen, []int{3}, ""},
		"that was let pass, and the program fails": {published(dars.Published, excused(fault.Obstacle)), listOf(3), fault, true, dars.Published, dars.Frozen, nil, ""},
		"the program failed, nothing was sent":     {published(dars.Published, nil), listOf(2), fault, false, dars.Published, dars.Frozen, nil, ""},
		"frozen, and the next list fells it too":   {published(dars.Published, late(dars.Frozen, 2, 2)), listOf(3), rows, true, dars.Published, dars.Frozen, []int{2, 3}, ""},
		"frozen, and what was reserved came back":  {published(dars.Published, late(dars.Frozen, 2, 2)), listOf(3), rows, false, dars.Published, dars.Frozen, []int{2, 3}, ""},
		"frozen, and the next list fells nothing":  {published(dars.Published, late(dars.Frozen, 2, 2)), listOf(3), none, true, dars.Published, dars.Frozen, []int{2}, ""},
		"resumed, and a later list fells it":       {published(dars.Published, late(dars.Resumed, 2)), listOf(3), rows, true, dars.Published, dars.Frozen, []int{3}, ""},
		"the list that it was made with":           {published(dars.Published, nil), listOf(1), rows, true, "", "", nil, "not-triable"},
		"tried already":                            {published(dars.Published, late(dars.Untouched, 2)), listOf(2), rows, true, "", "", nil, "not-triable"},
		"a list that is not usable":                {published(dars.Published, nil), &dars.List{Version: 2}, rows, true, "", "", nil, "not-triable"},
		"not published yet":                        {published(dars.SignedOff, nil), listOf(2), rows, false, "", "", nil, "not-triable"},
		"purged":                                   {published(dars.Purged, nil), listOf(2), rows, true, "", "", nil, "not-triable"},
		"withdrawn":                                {published(dars.ReleaseWithdrawn, nil), listOf(2), rows, true, "", "", nil, "not-triable"},
		"objections were not upheld":               {&dars.Release{ID: "REL-000007", State: dars.Published, Objections: dars.Upheld{Treatment: "not-upheld"}}, listOf(2), rows, true, "", "", nil, "not-triable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := tt.is
			if tt.rule == "" {
				if r.Hold(tt.list); !r.IsTrying() {
					t.Error("it is not held while it is tried")
				}
			}
			was := facts(t, r)
			err := r.Try(dars.Act{Who: dars.ByClock, At: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}, tt.list, tt.fall, tt.sent)
			ruled(t, err, tt.rule)
			if err != nil {
				if facts(t, r) != was {
					t.Errorf("a refusal left a trace: %s", facts(t, r))
				}
				return
			}
			if r.IsTrying() || r.State != tt.state || r.Late.State != tt.late || !slices.Equal(r.Late.Lists, tt.lists) || r.Late.Tried != tt.list.Version || r.Triable(tt.list) {
				t.Errorf("it is %s, and %+v", r.State, r.Late)
			}
			if keyed := slices.Contains(r.Card().Keys, dars.By("late", dars.Frozen)); keyed != (tt.late == dars.Frozen) {
				t.Errorf("found as frozen: %t", keyed)
			}
		})
	}
}

func TestWhoDecidesOfAFrozenRelease(t *testing.T) {
	frozen := func(state dars.ReleaseState) *dars.Release { return published(state, late(dars.Frozen, 2, 2)) }
	resume := func(newest int) func(*dars.Release, dars.Act) error {
		return func(r *dars.Release, a dars.Act) error { return r.Resume(a, listOf(newest)) }
	}
	withdraw := (*dars.Release).Withdraw
	tests := map[string]struct {
		is    *dars.Release
		do    func(*dars.Release, dars.Act) error
		who   dars.PersonID
		why   string
		state dars.ReleaseState
		late  dars.LateState
		rule  string
	}{
		"it is resumed":                           {frozen(dars.Published), resume(2), "P-000001", "the study had begun", dars.Published, dars.Resumed, ""},
		"it is resumed though our copy is gone":   {frozen(dars.Purged), resume(3), "P-000001", "the study had begun", dars.Purged, dars.Resumed, ""},
		"without a reason":                        {frozen(dars.Published), resume(2), "P-000001", "", "", "", "no-reason"},
		"by its producer":                         {frozen(dars.Published), resume(2), "P-000002", "I made it", "", "", "same-person"},
		"by its signer":                           {frozen(dars.Published), resume(2), "P-000004", "I signed it", "", "", "same-person"},
		"before the next list was tried":          {frozen(dars.Published), resume(3), "P-000001", "the study had begun", "", "", "not-tried"},
		"one that is not frozen":                  {published(dars.Published, nil), resume(2), "P-000001", "why not", "", "", "not-frozen"},
		"it is withdrawn":                         {frozen(dars.Published), withdraw, "P-000001", "they object", dars.ReleaseWithdrawn, dars.CalledBack, ""},
		"it is withdrawn by its producer":         {frozen(dars.Collected), withdraw, "P-000002", "they object", dars.ReleaseWithdrawn, dars.CalledBack, ""},
		"it is withdrawn though our copy is gone": {frozen(dars.Purged), withdraw, "P-000001", "they object", dars.Purged, dars.CalledBack, ""},
		"withdrawn without a reason":              {frozen(dars.Published), withdraw, "P-000001", "", "", "", "no-reason"},
		"purged and not frozen":                   {published(dars.Purged, nil), withdraw, "P-000001", "they object", "", "", "wrong-step"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			was := facts(t, tt.is)
			err := tt.do(tt.is, dars.Act{Who: tt.who, Why: tt.why})
			ruled(t, err, tt.rule)
			switch {
			case err != nil && facts(t, tt.is) != was:
				t.Errorf("a refusal left a trace: %s", facts(t, tt.is))
			case err == nil && (tt.is.State != tt.state || tt.is.Late.State != tt.late || tt.is.Late.Decided != tt.who || tt.is.Late.Reason != tt.why || tt.is.IsFrozen()):
				t.Errorf("it is %s, and %+v", tt.is.State, tt.is.Late)
			case err == nil && tt.late == dars.Resumed && (!slices.Equal(tt.is.Late.Passed, []int{2}) || len(tt.is.Late.Lists) != 0):
				t.Errorf("let pass are %v, open %v", tt.is.Late.Passed, tt.is.Late.Lists)
			}
		})
	}
}

func TestWhetherASourceIsTheSame(t *testing.T) {
	made := dars.Package{Counts: dars.ReleaseCounts{RowsIn: 10, RowsWithheld: 2, RowsOut: 8, PersonsWithheld: 1, Asked: &dars.AskedCounts{Dates: 1}},
		Sources: []dars.Source{{"index.csv", 90, "aa"}, {"apc.csv", 700, "bb"}},
		Files:   []dars.ReleaseFile{{ID: "FILE0000001", Period: "200199", Rows: 5}, {ID: "FILE0000002", Period: "200299", Rows: 3}}}
	tests := map[string]struct {
		other func(p *dars.Package)
		rule  string
	}{
		"the same":                          {func(*dars.Package) {}, ""},
		"other bytes, which nobody wrote":   {func(p *dars.Package) { p.Files[0].Bytes = 9 }, ""},
		"what was asked, counted again":     {func(p *dars.Package) { p.Counts.Asked = &dars.AskedCounts{Dates: 1} }, ""},
		"a figure that was not kept then":   {func(p *dars.Package) { p.Counts.CohortFound = 9 }, ""},
		"a source that was moved":           {func(p *dars.Package) { p.Sources[1].Path = "moved/apc.csv" }, ""},
		"an index with as many rows":        {func(p *dars.Package) { p.Sources[0].SHA256 = "cc" }, "source-changed"},
		"a source that ends early":          {func(p *dars.Package) { p.Sources[1].SHA256 = "" }, "source-changed"},
		"two sources in each other's place": {func(p *dars.Package) { p.Sources[0], p.Sources[1] = p.Sources[1], p.Sources[0] }, "source-changed"},
		"no index any more":                 {func(p *dars.Package) { p.Sources = p.Sources[1:] }, "source-changed"},
		"a row more":                        {func(p *dars.Package) { p.Counts.RowsIn++; p.Counts.RowsOut++ }, "source-changed"},
		"another person withheld":           {func(p *dars.Package) { p.Counts.PersonsWithheld++ }, "source-changed"},
		"a row went from file to file":      {func(p *dars.Package) { p.Files[0].Rows--; p.Files[1].Rows++ }, "source-changed"},
		"a file less":                       {func(p *dars.Package) { p.Files = p.Files[:1] }, "source-changed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &dars.Release{ID: "REL-000007", Counts: made.Counts, Sources: made.Sources, Files: made.Files}
			again := dars.Package{Counts: made.Counts, Sources: slices.Clone(made.Sources), Files: slices.Clone(made.Files)}
			tt.other(&again)
			ruled(t, r.Unchanged(again), tt.rule)
		})
	}
}

// Of a release that was made before digests were kept only the rows can be told.
func TestASourceOfWhichNoDigestWasKept(t *testing.T) {
	r := &dars.Release{ID: "REL-000007", Counts: dars.ReleaseCounts{RowsIn: 10, RowsOut: 10}}
	again := dars.Package{Counts: r.Counts, Sources: []dars.Source{{Path: "apc.csv", Bytes: 700, SHA256: "bb"}}}
	ruled(t, r.Unchanged(again), "")
	again.Counts.RowsOut--
	ruled(t, r.Unchanged(again), "source-changed")
}

// What an officer lets pass though it could not be tried is kept apart from the lists
// whose objections came after.
func TestWhatCouldNotBeTriedIsKeptApart(t *testing.T) {
	r := published(dars.Published, late(dars.Frozen, 2, 2))
	gone := dars.Fall{Cause: dars.SourceChanged, Obstacle: dars.Obstacle{Why: "it is gone"}}
	if err := r.Try(dars.Act{Who: dars.ByClock}, listOf(3), gone, true); err != nil {
		t.Fatal(err)
	}
	if !r.Late.Objected() {
		t.Error("that people objected before is forgotten")
	}
	if err := r.Resume(dars.Act{Who: "P-000001", Why: "the study had begun"}, listOf(3)); err != nil {
		t.Fatal(err)
	}
	if l := r.Late; !slices.Equal(l.Passed, []int{2}) || !slices.Equal(l.Excused, []int{3}) || len(l.Untried) != 0 || l.Objected() {
		t.Errorf("it is %+v", l)
	}
}
