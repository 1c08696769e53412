package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// A Hit is something that a search has found.
type Hit struct {
	Kind  string       `json:"kind"`
	Ref   string       `json:"ref"`
	State string       `json:"state"`
	Org   dars.OrgCode `json:"org"`
	What  string       `json:"what"` // its title, or how it begins
}

// MostHits is how many of each kind a search tells.
const MostHits = 200

// searched is what a search looks through, in this order, and by which keys each
// belongs to an organisation, to a person and to a case.
var searched = []struct{ kind, orgs, people, cases string }{
	{"organisation", "", "", ""},
	{"person", "org", "", ""},
	{"enquiry", "org", "", "case"},
	{"application", "org", "submitter", "case"},
	{"agreement", "org controller", "recipient", "case"},
	{"release", "", "", "agreement"},
	{"certificate", "org holder", "", "agreement"},
	{"paper", "for", "", "about"},
	{"note", "org", "", "case"},
	{"imported agreement", "", "", "case"},
	{"imported release", "", "", "agreement row"},
}

// Search finds what all the words say something of: by organisation, reference,
// person, state, or words of titles, of names of papers and of notes. A word may
// be the beginning of one. What a state or a paper was called in another year is
// found too. Outsiders find only what is their own. It reads indexes alone, so
// that it stays quick in a large office; only what it tells is read whole.
func (o Desk) Search(ctx context.Context, who dars.PersonID, words []string) (hits []Hit, err error) {
	terms := termsOf(words)
	if len(terms) == 0 {
		return nil, dars.Refuse("no-words", "search", "say what to look for: a reference, an organisation, a person or some words")
	}
	if err := dars.CheckText("search", "what you look for", strings.Join(words, " ")); err != nil {
		return nil, err
	}
	hits = []Hit{}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		for i := range terms {
			if err := terms[i].look(tx, p); err != nil {
				return err
			}
		}
		for _, s := range searched {
			refs, err := matching(tx, terms, s.kind, s.orgs, s.people, s.cases)
			if err != nil {
				return err
			}
			if refs, err = within(tx, p, s.kind, s.orgs, refs); err != nil {
				return err
			}
			n := 0
			for _, ref := range refs {
				noun, err := tx.GetAny(s.kind, ref)
				if err != nil {
					return err
				}
				h, org, err := hitOf(tx, noun)
				if err != nil {
					return err
				}
				if !p.Inside() && org != p.Org {
					continue
				}
				if n++; n > MostHits {
					break
				}
				hits = append(hits, h)
			}
		}
		return nil
	})
	return hits, err
}

// A term is one thing that is looked for, and whom it may name.
type term struct {
	said   string
	kinds  []string // that alone are meant
	states []string // any of which is meant
	orgs   []string
	people []string
}

// little words tell nothing.
var little = []string{"of", "the", "and", "for", "in", "to", "by", "on", "with", "an", "at"}

// termsOf cuts a search into terms: what was called otherwise in another year is
// one, and so is each word.
func termsOf(words []string) (terms []term) {
	text := strings.ToLower(strings.Join(strings.Fields(strings.Join(words, " ")), " "))
	for _, s := range dars.Synonyms {
		if before, after, found := strings.Cut(" "+text+" ", " "+s.Said+" "); found {
			text = strings.TrimSpace(before + " " + after)
			terms = append(terms, term{kinds: s.Kinds, states: s.Meant})
		}
	}
	for _, word := range strings.Fields(text) {
		if !slices.Contains(little, word) {
			terms = append(terms, term{said: word})
		}
	}
	return terms
}

// look finds the organisations and people that a term names.
func (t *term) look(tx *store.Tx, who *dars.Person) error {
	words := dars.Words(t.said)
	if len(words) != 1 {
		return nil
	}
	for kind, refs := range map[string]*[]string{"organisation": &t.orgs, "person": &t.people} {
		if kind == "person" && !who.Inside() {
			continue
		}
		named, err := tx.Beginning(kind, dars.By("word", words[0]))
		if err != nil {
			return err
		}
		coded, err := tx.Beginning(kind, dars.By("ref", strings.ToUpper(t.said)))
		if err != nil {
			return err
		}
		*refs = append(named, coded...)
	}
	return nil
}

// matching are the references of the nouns of a kind that every term says
// something of.
func matching(tx *store.Tx, terms []term, kind, orgs, people, cases string) (refs []string, err error) {
	for i, t := range terms {
		found := map[string]bool{}
		for _, k := range t.keys(kind, orgs, people, cases) {
			some, err := tx.Beginning(kind, k)
			if err != nil {
				return nil, err
			}
			for _, ref := range some {
				found[ref] = true
			}
		}
		if i == 0 {
			for ref := range found {
				refs = append(refs, ref)
			}
		}
		refs = slices.DeleteFunc(refs, func(ref string) bool { return !found[ref] })
	}
	slices.Sort(refs)
	return refs, nil
}

// within leaves an outsider what may be their own, so that the rest is not read.
func within(tx *store.Tx, p *dars.Person, kind, orgs string, refs []string) ([]string, error) {
	if p.Inside() {
		return refs, nil
	}
	own := map[string]bool{}
	add := func(k dars.Key) error {
		some, err := tx.Beginning(kind, k)
		for _, ref := range some {
			own[ref] = true
		}
		return err
	}
	for _, name := range strings.Fields(orgs) {
		if err := add(dars.By(name, p.Org)); err != nil {
			return nil, err
		}
	}
	switch kind {
	case "organisation":
		own[string(p.Org)] = true
	case "release":
		agreements, err := tx.Beginning("agreement", dars.By("org", p.Org))
		if err != nil {
			return nil, err
		}
		for _, g := range agreements {
			if err := add(dars.By("agreement", g)); err != nil {
				return nil, err
			}
		}
	}
	return slices.DeleteFunc(refs, func(ref string) bool { return !own[ref] }), nil
}

// keys are what a noun of a kind may have if the term is meant.
func (t *term) keys(kind, orgs, people, cases string) (all []dars.Key) {
	if len(t.kinds) > 0 && !slices.Contains(t.kinds, kind) {
		return nil
	}
	for _, state := range t.states {
		all = append(all, dars.By("state", state), dars.By("word", state))
	}
	if t.said == "" {
		if len(t.states) == 0 {
			all = append(all, dars.By("ref", "")) // any of the kind
		}
		return all
	}
	ref := strings.ToUpper(t.said)
	if r, err := dars.ParseReference(t.said); err == nil {
		ref = cmp.Or(r.Stem, fmt.Sprintf("DARS-NIC-%06d", r.Number))
		all = append(all, dars.By("ref", versioned(kind, ref, r)))
	} else {
		all = append(all, dars.By("ref", ref))
	}
	all = append(all, dars.By("state", t.said))
	if t.said == kind {
		all = append(all, dars.By("ref", ""))
	}
	if strings.ContainsAny(t.said, "0123456789") {
		all = append(all, dars.By("file", ref))
		for _, name := range strings.Fields(cases) {
			all = append(all, dars.By(name, ref))
		}
	}
	if kind == "release" {
		all = append(all, dars.By("dataset", ref))
	}
	if words := dars.Words(t.said); len(words) == 1 || len(words) > 1 && !strings.ContainsAny(t.said, "0123456789") { // and no reference
		all = append(all, dars.By("word", slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })))
	}
	for name, refs := range map[string][]string{orgs: t.orgs, people: t.people} {
		for _, name := range strings.Fields(name) {
			for _, ref := range refs {
				all = append(all, dars.By(name, ref))
			}
		}
	}
	return all
}

// versioned is how the nouns of a kind begin whose case a reference names, with
// as much of its version as they carry: an application its major one, an
// agreement both.
func versioned(kind, ref string, r dars.Reference) string {
	switch {
	case r.Major == "" || r.Stem == "":
		return ref
	case kind == "agreement" && r.Minor != "":
		return ref + "-v" + r.Major + "." + r.Minor
	case kind == "agreement":
		return ref + "-v" + r.Major + "."
	}
	return ref + "-v" + r.Major
}

// hitOf is what a search tells of a noun, and whose people may be told.
func hitOf(tx *store.Tx, noun dars.Noun) (h Hit, mine dars.OrgCode, err error) {
	c := noun.Card()
	h = Hit{Kind: c.Kind, Ref: c.Ref, State: c.State}
	switch n := noun.(type) {
	case *dars.Organisation:
		h.Org, h.What, mine = n.Code, n.Name, n.Code
	case *dars.Person:
		h.Org, h.What, mine = n.Org, n.Login+", "+n.Name, dars.TheOffice
	case *dars.Enquiry:
		h.Org, h.What, mine = n.Org, n.Text, n.Org
	case *dars.Application:
		h.Org, h.What, mine = n.Form.Organisation, n.Form.Title, n.Form.Organisation
	case *dars.Agreement:
		h.Org, h.What, mine = n.Org, n.Title, n.Org
	case *dars.Certificate:
		h.Org, h.What, mine = n.Org, "certificate of destruction for "+string(n.Agreement), n.Org
	case *dars.Paper:
		h.Org, h.What, mine = n.For, strings.TrimSpace(n.Name+" "+n.Subject), n.For
	case *dars.Note:
		h.Org, h.What, mine = n.Org, n.Text, n.For()
	case *dars.ImportedAgreement:
		h.What, mine = strings.TrimSpace(strings.Join(n.Orgs, ", ")+" "+n.Title), dars.TheOffice
	case *dars.ImportedRelease:
		h.What, mine = n.Dataset+" to "+n.Org+" under "+n.Agreement, dars.TheOffice
	case *dars.Release:
		g, err := store.Get[dars.Agreement](tx, n.Agreement)
		if err != nil {
			return h, "", err
		}
		h.Org, h.What, mine = g.Org, n.Dataset+" under "+string(n.Agreement), g.Org
	}
	return h, mine, nil
}
