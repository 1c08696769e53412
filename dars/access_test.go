package dars_test

import (
	"reflect"
	"testing"

	"darsd/dars"
)

// access is system access with two licences, one of them P-000001's.
func access(t *testing.T) *dars.Release {
	t.Helper()
	r := &dars.Release{ID: "REL-000001", Kind: "system-access", Dataset: "HES_APC", State: dars.AccessAgreed}
	ruled(t, r.Grant(dars.Act{Who: "P-000009"}, 2, []dars.PersonID{"P-000001"}, "2016-03-01"), "")
	return r
}

func TestSystemAccess(t *testing.T) {
	why := dars.Act{Who: "P-000009", Why: "the study has ended"}
	tests := map[string]struct {
		do    func(r *dars.Release) error
		rule  string
		state dars.ReleaseState
		open  bool
		due   dars.Day
	}{
		"granted":            {func(r *dars.Release) error { return nil }, "", dars.AccessGranted, true, "2017-03-01"},
		"to a second person": {func(r *dars.Release) error { return r.Grant(why, 0, []dars.PersonID{"P-000002"}, "2016-04-01") }, "", dars.AccessGranted, true, "2017-03-01"},
		"to more than there are licences": {func(r *dars.Release) error {
			return r.Grant(why, 0, []dars.PersonID{"P-000002", "P-000003"}, "2016-04-01")
		}, "no-licence", dars.AccessGranted, true, "2017-03-01"},
		"with fewer licences than people": {func(r *dars.Release) error {
			return r.Grant(why, 1, []dars.PersonID{"P-000002"}, "2016-04-01")
		}, "no-licence", dars.AccessGranted, true, "2017-03-01"},
		"to somebody who has it": {func(r *dars.Release) error { return r.Grant(why, 3, []dars.PersonID{"P-000001"}, "2016-04-01") }, "known", dars.AccessGranted, true, "2017-03-01"},
		"to somebody twice": {func(r *dars.Release) error {
			return r.Grant(why, 3, []dars.PersonID{"P-000002", "P-000002"}, "2016-04-01")
		}, "known", dars.AccessGranted, true, "2017-03-01"},
		"reviewed":                      {func(r *dars.Release) error { return r.Review(why, "41 queries", "2017-02-01") }, "", dars.AccessReviewed, true, "2018-02-01"},
		"reviewed without a word":       {func(r *dars.Release) error { return r.Review(why, "", "2017-02-01") }, "no-note", dars.AccessGranted, true, "2017-03-01"},
		"revoked, of the only one":      {func(r *dars.Release) error { return r.Revoke(why, "P-000001", "2016-05-01") }, "", dars.AccessGranted, false, "2017-03-01"},
		"revoked, of somebody without":  {func(r *dars.Release) error { return r.Revoke(why, "P-000002", "2016-05-01") }, "not-found", dars.AccessGranted, true, "2017-03-01"},
		"revoked without a reason":      {func(r *dars.Release) error { return r.Revoke(dars.Act{}, "P-000001", "2016-05-01") }, "no-reason", dars.AccessGranted, true, "2017-03-01"},
		"ended":                         {func(r *dars.Release) error { return r.EndAccess(why, "2016-05-01") }, "", dars.ReleaseWithdrawn, false, ""},
		"ended without a reason":        {func(r *dars.Release) error { return r.EndAccess(dars.Act{}, "2016-05-01") }, "no-reason", dars.AccessGranted, true, "2017-03-01"},
		"withdrawn as if it were files": {func(r *dars.Release) error { return r.Withdraw(why) }, "system-access", dars.AccessGranted, true, "2017-03-01"},
		"produced as if it were files":  {func(r *dars.Release) error { return r.Produce(why, dars.Package{}) }, "wrong-step", dars.AccessGranted, true, "2017-03-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := access(t)
			was, x := *r, *r.Access
			x.Users = append([]dars.AccessUser{}, x.Users...)
			ruled(t, tt.do(r), tt.rule)
			if r.State != tt.state || r.Access.Open() != tt.open || r.Access.ReviewDue() != tt.due {
				t.Errorf("it is %s, open %t, due %s", r.State, r.Access.Open(), r.Access.ReviewDue())
			}
			if was.Access = &x; tt.rule != "" && !reflect.DeepEqual(*r, was) {
				t.Errorf("a refusal left a trace: %+v", r)
			}
		})
	}
	ended := access(t)
	ruled(t, ended.EndAccess(why, "2016-05-01"), "")
	ruled(t, ended.Grant(why, 5, []dars.PersonID{"P-000002"}, "2016-05-02"), "wrong-step")
	files := &dars.Release{ID: "REL-000002", State: dars.Published}
	for _, err := range []error{files.Review(why, "x", "2016-05-01"), files.Revoke(why, "P-000001", "2016-05-01"), files.EndAccess(why, "2016-05-01")} {
		ruled(t, err, "no-access")
	}
}

func TestPeriodsHaveDays(t *testing.T) {
	for period, want := range map[string][2]dars.Day{
		"201499": {"2014-04-01", "2015-03-31"},
		"201412": {"2014-04-01", "2015-03-31"},
		"202005": {"2020-04-01", "2020-08-31"},
		"202011": {"2020-04-01", "2021-02-28"},
		"201400": {}, "201413": {}, "0708": {}, "2014": {}, "abcdef": {}, "": {}, "-01499": {},
	} {
		first, last, ok := dars.PeriodDays(period)
		if first != want[0] || last != want[1] || ok != (want[0] != "") {
			t.Errorf("%q: from %s to %s, %t", period, first, last, ok)
		}
	}
}

func TestARefreshIsHeldAgainstTheOneBefore(t *testing.T) {
	counts := func(in, out, withheld int64) *dars.Release {
		return &dars.Release{ID: "REL-000001", Counts: dars.ReleaseCounts{RowsIn: in, RowsOut: out, RowsWithheld: withheld}}
	}
	tests := map[string]struct {
		before, now *dars.Release
		far         string // what
	}{
		"the same":                {counts(1000, 950, 50), counts(1000, 950, 50), ""},
		"a tenth more":            {counts(1000, 950, 50), counts(1100, 1045, 55), ""},
		"a little more than that": {counts(1000, 950, 50), counts(1101, 1045, 55), "rows read"},
		"nobody is withheld":      {counts(1000, 950, 50), counts(1000, 1000, 0), "rows withheld"},
		"somebody is, at last":    {counts(1000, 1000, 0), counts(1000, 999, 1), "rows withheld"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			far := ""
			for _, l := range tt.now.Against(tt.before, 0.1).Lines {
				if l.Far {
					far += l.What
				}
			}
			if far != tt.far {
				t.Errorf("far apart are %q, want %q", far, tt.far)
			}
		})
	}
}
