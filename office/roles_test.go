package office_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// A deed is how one act of the table of powers is tried: on a fresh noun in each
// state, by each role.
type deed struct {
	make func(*roll, string) (ref string) // a fresh noun in a state; nil for an act that needs none
	in   []string                         // every state that is tried
	from []string                         // those in which it can be done
	rule string                           // by which it is refused in the others; "wrong-step" if empty
	may  string                           // rules that may refuse where table and life allow, for a reason of their own
	do   func(r *roll, a dars.Act, ref string) error
}

// TestEveryRoleOnEveryAct tries every role on every act of the table, on a noun in
// every state: an act is done exactly where the table and the noun's life allow it,
// and whoever may not is told which roles may. An act without a row here fails.
func TestEveryRoleOnEveryAct(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := newRoll(h)
		for act := range dars.Powers {
			if r.deeds()[act].do == nil {
				t.Errorf("nobody has tried who may %s: add a row", act)
			}
		}
		tried := 0
		for _, act := range slices.Sorted(maps.Keys(r.deeds())) {
			d := r.deeds()[act]
			if dars.Powers[act] == nil {
				t.Errorf("there is no act %q", act)
				continue
			}
			if d.make == nil {
				d.make, d.in, d.from = func(*roll, string) string { return "" }, []string{""}, []string{""}
			}
			for _, state := range d.in {
				tried += r.try(act, d, state)
			}
		}
		if want := 16 * len(dars.Powers); tried < want {
			t.Errorf("only %d tries, of at least %d", tried, want)
		}
		h.sound()
	})
}

// try lets each role try an act in one state.
func (r *roll) try(act string, d deed, state string) (tried int) {
	ref := d.make(r, state)
	before := r.head()
	for _, role := range slices.Concat(dars.OutsideRoles(), dars.InsideRoles()) {
		tried++
		told := fmt.Sprintf("%s by %s, in the state %q", act, role, state)
		err := d.do(r, r.by(as(role)), ref)
		var no *dars.Refusal
		if err != nil && !errors.As(err, &no) {
			r.t.Errorf("%s: %v", told, err)
			continue
		}
		switch has := slices.Contains(dars.Powers[act], role); {
		case !has && (no == nil || no.Rule != "no-power"):
			r.t.Errorf("%s went through, or nearly: %v", told, err)
		case !has && !names(no.Sentence, dars.Powers[act]):
			r.t.Errorf("%s: the refusal does not say who may: %s", told, no)
		case has && !slices.Contains(d.from, state) && (no == nil || !slices.Contains(strings.Fields(orElse(d.rule, "wrong-step")), no.Rule)):
			r.t.Errorf("%s: %v", told, err)
		case has && slices.Contains(d.from, state) && no != nil && !slices.Contains(strings.Fields(d.may), no.Rule):
			r.t.Errorf("%s: %v", told, err)
		}
		switch {
		case no != nil && r.head() != before:
			r.t.Errorf("%s was refused and left a trace", told)
		case no == nil:
			ref = d.make(r, state) // the next one finds it as it was
			before = r.head()
		}
	}
	return tried
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// names reports whether a sentence names every role of some.
func names(sentence string, roles []dars.Role) bool {
	return !slices.ContainsFunc(roles, func(role dars.Role) bool { return !strings.Contains(sentence, string(role)) })
}

func as(role dars.Role) string { return "as-" + string(role) }

// A roll is a house with one person for each role, and one case that has gone all
// the way, of whose nouns fresh ones are made.
type roll struct {
	*house
	n           int // of the nouns made
	application *dars.Application
	agreement   *dars.Agreement
	release     *dars.Release
	certificate *dars.Certificate
	contract    *dars.Contract
}

func newRoll(h *house) *roll {
	r := &roll{house: h}
	contract := h.contract("RA1", "2028-03-31")
	h.list("2026-03-01", 5)
	id := h.returned(h.form())
	h.must(office.Agreements{Office: h.first()}.Confirm(h.t.Context(), h.by("colin"), id))
	r.agreement = get[dars.Agreement](h, string(id))
	r.application = get[dars.Application](h, string(r.agreement.Application))
	r.contract = get[dars.Contract](h, string(contract))

	sent := h.agreed(h.form())
	r.release = get[dars.Release](h, string(h.signedOff(sent)))
	h.collect("rita", h.published(sent).Files[0])
	h.must(office.Agreements{Office: h.first()}.Terminate(h.t.Context(), h.by("carol"), sent))
	asked := get[dars.Agreement](h, string(sent)).Certificate
	if v := (office.Intake{Office: h.first()}).Take(h.t.Context(), office.At(h.people["rita"], h.noon()), h.filled(asked, "")); v.Verdict != dars.VerdictWaiting {
		h.t.Fatal(v)
	}
	r.certificate = get[dars.Certificate](h, string(asked))
	for _, role := range dars.OutsideRoles() {
		h.add(as(role), "RA1", role)
	}
	for _, role := range dars.InsideRoles() {
		h.add(as(role), dars.TheOffice, role)
	}
	owned := slices.Clone(catalogue)
	owned[0].IAO = as(dars.IAO)
	for _, o := range h.both {
		o.Catalogue = owned
	}
	return r
}

// keep stores a noun as it is, as if its acts had been done.
func (r *roll) keep(nouns ...dars.Noun) {
	r.t.Helper()
	r.must(r.first().Store.Do(r.t.Context(), func(tx *store.Tx) error {
		for _, n := range nouns {
			if err := tx.Save(r.by("carol"), "prepared", n); err != nil {
				return err
			}
		}
		return nil
	}))
}

func clone[T any](n *T) *T {
	text, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	c := new(T)
	if err := json.Unmarshal(text, c); err != nil {
		panic(err)
	}
	return c
}

// freshApplication is one that was reviewed and that nobody has decided about.
func (r *roll) freshApplication(state string) string {
	p := r.aCase()
	p.State = dars.ApplicationState(state)
	r.keep(p)
	return p.Stem
}

func (r *roll) aCase() *dars.Application {
	r.n++
	p := clone(r.application)
	p.Stem = dars.CaseStem(5000 + r.n)
	p.AssessedBy, p.Decisions, p.Hands = []dars.PersonID{}, []dars.Decision{}, nil
	return p
}

// freshAgreement has a copy that one officer has confirmed, and begins today.
func (r *roll) freshAgreement(state string) string {
	p, g := r.aCase(), clone(r.agreement)
	g.Stem, g.Application, g.ID, g.State = p.Stem, p.ID(), dars.AgreementID(p.Stem+"-"+g.Version), dars.AgreementState(state)
	g.Obligations = dars.Obligations{{N: 1, Kind: "condition", Ref: string(g.ID), Stage: dars.StagePublish, Text: "the ethics approval is renewed", State: dars.ObligationOpen, By: r.people["colin"], On: r.today}}
	r.keep(p, g)
	return string(g.ID)
}

// freshRelease is one that two others have made and checked, under an agreement in
// force.
func (r *roll) freshRelease(state string) string {
	p, g := r.aCase(), clone(r.agreement)
	g.Stem, g.Application, g.ID, g.State = p.Stem, p.ID(), dars.AgreementID(p.Stem+"-"+g.Version), dars.InForce
	one := clone(r.release)
	one.ID, one.Agreement, one.State, one.Hands = dars.ReleaseID(fmt.Sprintf("REL-%06d", 5000+r.n)), g.ID, dars.ReleaseState(state), nil
	for i := range one.Files {
		one.Files[i].ID = dars.FileID(fmt.Sprintf("FILE%07d", 5000+10*r.n+i))
	}
	if one.State == dars.Published || one.State == dars.Collected {
		one.Published, one.WindowEnds = r.today, r.today.Add(5)
	}
	r.keep(p, g, one)
	return string(one.ID)
}

func (r *roll) freshCertificate(state string) string {
	r.n++
	c := clone(r.certificate)
	g := get[dars.Agreement](r.house, r.freshAgreement(string(dars.DeletionDue)))
	c.ID, c.Agreement, c.State = dars.CertificateID(fmt.Sprintf("CERT-%06d", 5000+r.n)), g.ID, dars.CertificateState(state)
	if c.State == dars.CertAccepted || c.State == dars.CertInterim {
		c.BackupEnd = r.today.Add(30)
	}
	r.keep(c)
	return string(c.ID)
}

// freshContract is of an organisation of its own, and one officer has confirmed it.
func (r *roll) freshContract(state string) string {
	r.n++
	c := clone(r.contract)
	c.ID, c.Org, c.State = dars.ContractName(5000+r.n), dars.OrgCode(fmt.Sprint("RB", r.n)), dars.ContractState(state)
	c.ConfirmedBy, c.Hands = []dars.PersonID{r.people["colin"]}, dars.Hands{{Step: "confirmed", By: r.people["colin"], Via: dars.SSH, At: r.noon()}}
	r.keep(&dars.Organisation{Code: c.Org, Name: "Trust", State: dars.OrgActive}, c)
	return string(c.ID)
}

// ownContract is one of the organisation that everybody outside is of.
func (r *roll) ownContract(state string) string {
	r.n++
	c := clone(r.contract)
	c.ID, c.State = dars.ContractName(5000+r.n), dars.ContractState(state)
	r.keep(c)
	return string(c.ID)
}

func (r *roll) freshOrganisation(state string) string {
	r.n++
	o := &dars.Organisation{Code: dars.OrgCode(fmt.Sprint("RC", r.n)), Name: "Trust", State: dars.OrgState(state)}
	r.keep(o)
	return string(o.Code)
}

func (r *roll) freshEnquiry(state string) string {
	r.n++
	e := &dars.Enquiry{ID: dars.EnquiryID(fmt.Sprintf("ENQ-%06d", 5000+r.n)), Org: "RA1", Who: "Rita", From: r.people["rita"], State: dars.EnquiryState(state), Answers: []dars.Reply{}}
	r.keep(e)
	return string(e.ID)
}

func (r *roll) freshWithholding(state string) string {
	r.n++
	w := &dars.Withholding{ID: dars.WithholdingID(fmt.Sprintf("WHD-%06d", 5000+r.n)), Case: "DARS-NIC-000001-X0X0X", Words: "a price", Ground: "COMMERCIAL", State: dars.WithholdingState(state)}
	r.keep(w)
	return string(w.ID)
}

// freshPerson is one of RA1 whose second key waits to be confirmed.
func (r *roll) freshPerson(string) string {
	r.n++
	login := fmt.Sprint("someone", r.n)
	key := "SHA256:" + login
	r.keep(&dars.Person{ID: dars.PersonID(fmt.Sprintf("P-%06d", 5000+r.n)), Org: "RA1", Login: login, Roles: []dars.Role{dars.Collector},
		Keys: []dars.PersonKey{{Fingerprint: key, AddedBy: r.people["colin"], AddedVia: dars.SSH}}})
	return login
}

// states is every state of a life, and leading those from which one of some others
// is the next: the table itself says where an act can be done.
func states[S ~string](l dars.Life[S]) (all []string) {
	for from, tos := range l {
		all = append(all, string(from))
		for _, to := range tos {
			all = append(all, string(to))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func leading[S ~string](l dars.Life[S], to ...S) (from []string) {
	for s, next := range l {
		if slices.ContainsFunc(to, func(t S) bool { return slices.Contains(next, t) }) {
			from = append(from, string(s))
		}
	}
	return from
}

// listed opens a list of a number of numbers.
func listed(numbers int) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(strings.Repeat("9434765919\n", numbers))), nil
	}
}
