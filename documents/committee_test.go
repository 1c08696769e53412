package documents

import (
	"bytes"
	"strings"
	"testing"

	"darsd/dars"
)

// The papers of the committee: a bookmark for each application, and a brief is a page.
func TestPapersOfTheCommittee(t *testing.T) {
	all := papers(press(false))
	for _, name := range []string{"agenda", "minutes", "minutes-extract", "brief", "brief-of-a-new-one"} {
		t.Run(name, func(t *testing.T) {
			pdf, err := all[name].PDF()
			if err != nil {
				t.Fatal(err)
			}
			pages := len(read(t, pdf).Text)
			if strings.HasPrefix(name, "brief") && pages != 1 {
				t.Errorf("a brief of %d pages", pages)
			}
			if !strings.HasPrefix(name, "brief") && !bytes.Contains(pdf, []byte("/Outlines")) {
				t.Error("there are no bookmarks")
			}
		})
	}
}

// However much there is to say, it is one page, and what is left out is counted.
func TestABriefIsOnePage(t *testing.T) {
	b := briefFacts()
	long := strings.Repeat("a purpose at some length ", 40)
	b.Title = "A title that is long enough for two lines, and says what the project is about in more words than are needed"
	for range 20 {
		b.Changes = append(b.Changes, dars.Change{Field: "purpose.objective", Was: long, Is: long + "more"})
		b.Holds, b.Ends, b.Asks = append(b.Holds, b.Holds[0]), append(b.Ends, b.Ends[0]), append(b.Asks, b.Asks[0])
		b.Audits, b.Certificates, b.Caveats = append(b.Audits, b.Audits[0]), append(b.Certificates, b.Certificates[0]), append(b.Caveats, b.Caveats[0])
	}
	d := press(false).brief(b)
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	if pages := len(read(t, pdf).Text); pages != 1 {
		t.Errorf("it has %d pages", pages)
	}
	if !strings.Contains(d.WriteText(), "more: darsd decision brief.") {
		t.Error("it does not say that there is more")
	}
}

func meetingFacts() dars.MeetingFacts {
	app := application(dars.WithCaveats)
	app.Actions = []dars.Action{
		{N: 1, Text: "Publish an amended privacy notice", Owner: dars.TheApplicant, Due: "2016-04-01", State: dars.ActionAnswered, Meeting: "MEET-000007", Caveat: true},
		{N: 2, Text: "See the certificate of the new server", Owner: "P-000012", Due: "2016-05-01", State: dars.ActionOpen, Meeting: "MEET-000007", Caveat: true, Blocks: dars.StagePublish},
	}
	other := application(dars.AtDAAG)
	other.Stem, other.Form.Title = "DARS-NIC-000002-C3D4F", "Stroke pathways"
	took := []dars.Attendance{{Person: "P-000021", Kind: dars.Chair}, {Person: "P-000022", Kind: dars.Professional}, {Person: "P-000023", Kind: dars.Lay}, {Person: "P-000024", Kind: dars.Patient}}
	people := everybody()
	for id, name := range map[dars.PersonID]string{"P-000003": "Iris Okafor", "P-000004": "Seth Marlow", "P-000021": "Mary Quill", "P-000022": "Milo Grant", "P-000023": "Lena Ward", "P-000024": "Mina Shah", "P-000025": "Lily Hart"} {
		people[id] = &dars.Person{ID: id, Name: name}
	}
	conflict := dars.Conflict{Person: "P-000025", Why: "sits on the board of the Trust"}
	return dars.MeetingFacts{
		Meeting: &dars.Meeting{ID: "MEET-000007", On: "2016-03-01", State: dars.MeetingMinuted, Quorum: dars.DefaultQuorum, MinutesBy: "P-000004", Minuted: "2016-03-03",
			Moved: []dars.Move{{From: "2016-02-23", To: "2016-03-01", Why: "the chair is ill"}}, Confirms: []dars.MeetingID{"MEET-000006"},
			Other: "The next meeting is on 15 March.", Present: append(took, dars.Attendance{Person: "P-000025", Kind: dars.Lay}),
			Cleared: []dars.Clearance{{Application: "DARS-NIC-000003-F5G6H-v1", Action: 2, Text: "Register with the Information Commissioner", On: "2016-02-22"}},
			Agenda: []dars.Item{
				{Application: app.ID(), Case: app.Stem, Presented: "P-000003", Outcome: dars.WithCaveats, Note: "The committee asked how the notice reaches patients.\n\nIt was content with the purpose.", Took: took, Without: []dars.Conflict{conflict}, Conflicts: []dars.Conflict{conflict}},
				{Application: other.ID(), Case: other.Stem, Presented: "P-000003", Conflicts: []dars.Conflict{{Person: "P-000022", Why: "is the applicant's brother"}}},
			}},
		Before:       &dars.Meeting{ID: "MEET-000006", On: "2016-02-16", State: dars.MeetingMinuted},
		Applications: map[dars.ApplicationID]*dars.Application{app.ID(): app, other.ID(): other}, Organisations: organisations(), People: people, Catalogue: catalogue(), On: "2016-03-03"}
}

// extractFacts are what the meeting has said of its first case.
func extractFacts() dars.MeetingFacts {
	f := meetingFacts()
	f.Case = f.Meeting.Agenda[0].Case
	f.Meeting = f.Meeting.Extract(f.Case)
	return f
}

func briefFacts() dars.Brief {
	f := meetingFacts()
	app := f.Applications["DARS-NIC-000001-B1C2D-v1"]
	return dars.Brief{Ref: app.Stem, Version: "v3.0", Kind: "amendment", Title: app.Form.Title, Org: "8J001", OrgName: "University of Northshire", State: dars.WithCaveats, Due: "2016-04-20", On: "2016-03-07",
		Route: dars.Route{Name: dars.CommitteeRoute, Why: "it is not only more of, or longer with, the same non-identifiable data as agreement DARS-NIC-000001-B1C2D-v1.0 (purpose.objective: it is neither more of the same data nor a longer term), so DAAG advises and the SIRO decides"},
		Asks:  app.Form.Asked(), Advice: &dars.Decision{Outcome: "recommended-with-caveats", On: "2016-03-01", Members: 4, Lay: 1, Note: "The notice is thin."}, Caveats: app.Actions, Since: "v1.0", SinceIs: "in force until 31 March 2017",
		Attempts: []dars.Attempt{{Version: "v2.0", State: dars.TakenBack}},
		Access:   []dars.AccessLine{{Release: "REL-000003", Agreement: "DARS-NIC-000001-B1C2D-v1.0", Dataset: "HES_OP", People: 2, Licences: 3, Since: "2016-02-01", ReviewDue: "2017-02-01"}},
		Changes:  []dars.Change{{Field: "end", Was: "2017-03-31", Is: "2018-03-31"}, {Field: "purpose.yielded", Is: "Two papers."}, {Field: "sponsor.name", Was: "The Fund"}},
		Ends:     []dars.Ending{{What: "registration with the Information Commissioner", Of: "RA1", On: "2016-01-31", Ended: true}, {What: "security assurance", Of: "8J001", On: "2017-03-31"}},
		Holds:    []dars.HeldLine{{Agreement: "DARS-NIC-000001-B1C2D-v1.0", Org: "8J001", Datasets: []string{"HES_APC"}, End: "2017-03-31", State: dars.InForce, Files: 3}},
		Audits:   report().Facts.Audits, Certificates: report().Facts.Certificates[:1], Objections: "Upheld in every release, whatever the gateway."}
}
