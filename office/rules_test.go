package office_test

import (
	"slices"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// Two files of one period, made with two lists, tell by what they differ in who
// objected: so the newer takes the older one's place, and says so in its package.
func TestANewerReleaseReplacesThePublishedOne(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Releases{Office: h.first()}
		id := h.agreement()
		old := h.published(id)
		h.collect("rita", old.Files[0])
		one, two := h.signedOff(id), h.signedOff(id)
		if r := get[dars.Release](h, string(one)); !slices.Equal(r.Replaces, []dars.ReleaseID{old.ID}) {
			t.Fatalf("%s replaces %v", one, r.Replaces)
		}
		h.must(o.Publish(ctx, h.by("pat"), one))
		was := get[dars.Release](h, string(old.ID))
		if was.ReplacedBy != one || was.State != dars.Purged {
			t.Errorf("what was replaced is %s, replaced by %q", was.State, was.ReplacedBy)
		}
		before := h.head()
		ruled(t, o.Publish(ctx, h.by("pat"), two), "replaces-changed")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		h.sound()
	})
}

// A console can say it is anybody: of all the steps of a case that need different
// people, one may come from it.
func TestOneStepOfACaseMayComeFromAConsole(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		console := func(login string) dars.Act {
			a := h.by(login)
			a.Via = dars.Console
			return a
		}
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		id := h.returned(h.form())
		agreements, releases := office.Agreements{Office: h.first()}, office.Releases{Office: h.first()}
		h.must(agreements.Confirm(ctx, console("carol"), id))
		before := h.head()
		ruled(t, agreements.Confirm(ctx, console("colin"), id), "console-twice")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		h.must(agreements.Confirm(ctx, h.by("colin"), id))
		ruled(t, agreements.Countersign(ctx, console("nora"), id), "console-twice")
		h.must(agreements.Countersign(ctx, h.by("nora"), id))
		release, err := releases.Plan(ctx, console("carol"), id, "HES_APC", nil)
		h.must(err)
		ruled(t, releases.Produce(ctx, console("pat"), release), "console-twice")
		h.must(releases.Produce(ctx, h.by("pat"), release))
		ruled(t, releases.Check(ctx, console("chris"), release), "console-twice")
	})
}

func TestAnOrganisationThatIsToBeAuditedAppliesForNothing(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		id := h.agreement()
		h.collect("rita", h.published(id).Files[0])
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), id))
		submit := func() error {
			_, err := office.Applications{Office: h.first()}.Submit(t.Context(), h.by("rita"), h.folder(h.form()), "")
			return err
		}
		h.today = "2026-04-26" // 55 days after the end
		h.must(submit())
		h.today = "2026-04-27"
		ruled(t, submit(), "applications-blocked")
	})
}
