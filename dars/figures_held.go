package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// What is held, until when, and what is owed for it.

// expiry is what ends, and when.
func (s Moment) expiry(f *Figures) {
	var rows, over, contracts [][]any
	soon, ends, party := map[int]int{}, []Day{}, map[OrgCode]bool{}
	for _, g := range s.Agreements {
		switch state := g.StateOn(s.On); {
		case g.InForceOn(s.On):
			rows = append(rows, []any{string(g.ID), string(g.Org), s.name(g.Org), g.End, g.End.Since(s.On)})
			ends = append(ends, g.End)
			party[g.Org] = true
			for _, code := range g.Holders() {
				party[code] = true
			}
			for _, days := range []int{30, 90, 180} {
				if g.End.Since(s.On) <= days {
					soon[days]++
				}
			}
		case is(state, AgreementExpired, Terminated, DeletionDue):
			over = append(over, []any{string(g.ID), string(g.Org), s.name(g.Org), Earliest(g.End, g.Ended), string(state)})
		}
	}
	for _, c := range s.Contracts {
		if c.State == ContractInForce {
			contracts = append(contracts, []any{string(c.ID), string(c.Org), s.name(c.Org), c.End, c.End.Since(s.On)})
		}
	}
	papers := s.papers(party)
	for _, rows := range [][][]any{rows, over, contracts, papers} {
		slices.SortStableFunc(rows, func(a, b []any) int { return cmp.Compare(a[3].(Day), b[3].(Day)) })
	}
	lapsed := 0
	for _, row := range papers {
		if row[4].(int) < 0 {
			lapsed++
		}
	}
	f.fact("Agreements in force", "%d: %d end within 30 days, %d within 90, %d within 180", len(rows), soon[30], soon[90], soon[180])
	f.fact("Ended and not settled", "%d", len(over))
	f.fact("Framework contracts in force", "%d", len(contracts))
	f.fact("Registrations and assurances lapsed", "%d, of organisations that are party to an agreement in force", lapsed)
	s.endings(f, ends)
	f.table("Agreements in force", []string{"Agreement", "Organisation", "Name", "Ends", "Days left"}, rows)
	f.table("Agreements that have ended and are not settled", []string{"Agreement", "Organisation", "Name", "Ended", "State"}, over)
	f.table("Framework contracts in force", []string{"Contract", "Organisation", "Name", "Ends", "Days left"}, contracts)
	f.table("Registrations and assurances", []string{"Organisation", "Name", "What", "Ends", "Days left"}, papers)
}

// endings draws how many agreements end in each month to come, and how many are left.
func (s Moment) endings(f *Figures, ends []Day) {
	var bars, left []FigurePoint
	for month, i := s.On.month(), 0; i < 12; month, i = month.AddMonths(1), i+1 {
		n, after := 0, 0
		for _, end := range ends {
			if end.month() == month {
				n++
			}
			if end.month() > month {
				after++
			}
		}
		bars = append(bars, bar(month.Month(), n, i < 2))
		left = append(left, FigurePoint{Label: month.Month(), Values: []int{after}})
	}
	f.bars("Agreements that end, by month", "Month", "Agreements", bars...)
	f.lines("Agreements still in force after each month, if none is renewed", []string{"Agreements"}, left...)
}

// papers are the registrations and assurances of organisations that are party to an
// agreement.
func (s Moment) papers(party map[OrgCode]bool) (rows [][]any) {
	for _, o := range s.Organisations {
		if !party[o.Code] {
			continue
		}
		if o.ICOExpires != "" {
			rows = append(rows, []any{string(o.Code), o.Name, "Registration with the Information Commissioner", o.ICOExpires, o.ICOExpires.Since(s.On)})
		}
		if o.SecurityExpires != "" {
			rows = append(rows, []any{string(o.Code), o.Name, "Security: " + o.Security, o.SecurityExpires, o.SecurityExpires.Since(s.On)})
		}
	}
	return rows
}

// outstanding is which certificates of destruction have not been accepted.
func (s Moment) outstanding(f *Figures) {
	var late [4]int // not yet due, and by the steps at which an office acts
	var rows [][]any
	overdue, longest, blocked := 0, 0, map[OrgCode]bool{}
	for _, c := range s.Certificates {
		if c.State == CertAccepted {
			continue
		}
		over := c.DaysOver(s.On)
		at := 0
		if over > 0 {
			at = min(1+(over-1)/28, 3)
			overdue, longest = overdue+1, max(longest, over)
			for _, code := range c.Holders {
				blocked[code] = true
			}
		}
		late[at]++
		rows = append(rows, []any{string(c.ID), string(c.Agreement), s.called(c.Org), string(c.State), c.Due, over, len(c.Steps), s.auditOf(c.Agreement)})
	}
	slices.SortStableFunc(rows, func(a, b []any) int { return cmp.Compare(b[5].(int), a[5].(int)) })
	f.fact("Certificates outstanding", "%d", len(rows))
	f.fact("Of these overdue", "%d; the longest by %d days", overdue, longest)
	f.fact("Organisations to which nothing new is released for it", "%d", len(blocked))
	f.bars("Certificates outstanding, by how late they are", "How late", "Certificates",
		bar("not yet due", late[0], false), bar("1 to 28 days late", late[1], true), bar("29 to 56 days", late[2], true), bar("more than 56 days", late[3], true))
	f.table("Certificates outstanding", []string{"Certificate", "Agreement", "Organisation", "State", "Due", "Days late", "Letters", "Audit"}, rows)
}

// auditOf is the audit that is open for an agreement whose certificate is missing.
func (s Moment) auditOf(g AgreementID) string {
	for _, u := range s.Audits {
		if u.Agreement == g && u.Trigger == "EXPIRED_NO_CERT" && u.State != AuditClosed {
			return string(u.ID)
		}
	}
	return ""
}

// holdings is who was sent what, by the ledger, and has not been released from it.
func (s Moment) holdings(f *Figures) {
	type held struct {
		files map[FileID]bool
		bytes int64
	}
	dataset := map[ReleaseID]string{}
	for _, r := range s.Releases {
		dataset[r.ID] = r.Dataset
	}
	sent, of := map[AgreementID]*held{}, map[AgreementID]map[string]map[FileID]bool{}
	for _, c := range s.Collections {
		n := c.Sent().Bytes()
		if n == 0 {
			continue
		}
		if sent[c.Agreement] == nil {
			sent[c.Agreement], of[c.Agreement] = &held{files: map[FileID]bool{}}, map[string]map[FileID]bool{}
		}
		sent[c.Agreement].files[c.File] = true
		sent[c.Agreement].bytes += n
		code := dataset[c.Release]
		if of[c.Agreement][code] == nil {
			of[c.Agreement][code] = map[FileID]bool{}
		}
		of[c.Agreement][code][c.File] = true
	}
	var rows [][]any
	files, byDataset, byOrg := 0, map[string]int{}, map[string]int{}
	for _, g := range s.Agreements {
		if sent[g.ID] == nil || g.State == Closed {
			continue
		}
		var holders, datasets []string
		for _, h := range g.Holders() {
			holders = append(holders, string(h))
			byOrg[string(h)] += len(sent[g.ID].files)
		}
		for _, d := range g.Datasets {
			datasets = append(datasets, d.Code)
		}
		for code, those := range of[g.ID] {
			byDataset[code] += len(those)
		}
		files += len(sent[g.ID].files)
		rows = append(rows, []any{string(g.ID), strings.Join(holders, ", "), strings.Join(datasets, ", "), string(g.StateOn(s.On)), g.End, len(sent[g.ID].files), int(sent[g.ID].bytes)})
	}
	f.Data = "the ledger of what was sent, which the log covers; a file of which one byte left counts"
	f.fact("Agreements under which data are held", "%d", len(rows))
	f.fact("Organisations that hold some", "%d", len(byOrg))
	f.fact("Files held", "%d", files)
	f.bars("Files held, by dataset", "Dataset", "Files", ranked(byDataset, false)...)
	f.bars("Files held, by organisation", "Organisation", "Files", ranked(byOrg, false)...)
	f.table("Held, by agreement", []string{"Agreement", "Holders", "Datasets", "State", "Ends", "Files", "Bytes sent"}, rows)
}

// objections is in which releases patients' objections were applied.
func (s Moment) objections(f *Figures) {
	var rows, lists [][]any
	treated, reasons := map[Treatment]int{}, map[string]int{}
	points, at := months(f.From, s.On, 2)
	for _, r := range s.Releases {
		day := r.Given()
		if !f.within(day) {
			continue
		}
		how := r.Treated()
		treated[how]++
		if how == NotUpheld {
			reasons[r.Objections.Reason]++
			at(day)[1]++
		} else {
			at(day)[0]++
		}
		rows = append(rows, []any{string(r.ID), string(r.Agreement), r.Dataset, day, string(how), r.Objections.Reason, r.Objections.ListVersion, r.Objections.ListDate})
	}
	newest := "no list of objections"
	for _, l := range s.Lists {
		if l.Usable {
			newest = fmt.Sprintf("list of objections %d as at %s, %d numbers, SHA-256 %.16s", l.Version, l.AsAt.Long(), l.Numbers, l.SHA256)
		}
		if f.within(l.LoadedOn) {
			lists = append(lists, []any{l.Version, l.AsAt, l.LoadedOn, l.Numbers, l.InvalidN, l.Usable})
		}
	}
	f.Data = newest
	f.fact("Releases in the period", "%d", len(rows))
	f.fact("Objections applied", "in %d", len(rows)-treated[NotUpheld])
	f.fact("Objections not applied", "in %d, each for a reason", treated[NotUpheld])
	f.lines("Releases, by month", []string{"Objections applied", "Not applied"}, points...)
	f.bars("Releases in which objections were not applied, by reason", "Reason", "Releases", ranked(reasons, true)...)
	f.table("Releases", []string{"Release", "Agreement", "Dataset", "Released", "Objections", "Reason", "List", "List of"}, rows)
	f.table("Lists of objections loaded", []string{"Version", "As at", "Loaded", "Numbers", "Lines not valid", "Usable"}, lists)
}
