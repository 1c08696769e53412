package office_test

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// ravi is of another organisation. Whatever he reaches for of rita's case, he is
// told the same as for a case that does not exist, and nothing of whose it is.
func TestOutsidersNeverReadAnotherOrganisationsCase(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		open := h.agreement()
		r := h.published(open)
		h.collect("rita", r.Files[0])
		ended := h.agreed(h.form())
		h.collect("rita", h.published(ended).Files[0])
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), ended))
		returned := h.approved(h.form())
		waiting := h.issued(h.form())
		h.must(h.first().Work(ctx, h.noon))
		desk, ravi := office.Desk{Office: h.first()}, h.people["ravi"]
		stem, _, _, err := dars.ParseCase(returned)
		h.must(err)
		certificate := get[dars.Agreement](h, string(ended)).Certificate
		mine := h.form()
		mine.Organisation, mine.Contact, mine.Collectors, mine.Controllers = "RA2", "ravi", []string{"ravi"}, []dars.OrgCode{"RA2"}
		var out bytes.Buffer

		tests := map[string]struct {
			reach func() error
			rule  string
		}{
			"an application": {func() error { _, err := desk.Application(ctx, ravi, returned); return err }, "not-found"},
			"an agreement": {func() error {
				_, err := office.Get(ctx, desk, ravi, string(open), func(g *dars.Agreement) dars.OrgCode { return g.Org })
				return err
			}, "not-found"},
			"a certificate": {func() error {
				_, err := office.Get(ctx, desk, ravi, string(certificate), func(c *dars.Certificate) dars.OrgCode { return c.Org })
				return err
			}, "not-found"},
			"an agreement's paper": {func() error {
				return office.Agreements{Office: h.first()}.Print(ctx, h.by("ravi"), open, false, &out)
			}, "not-found"},
			"a signed copy": {func() error {
				return office.Agreements{Office: h.first()}.Print(ctx, h.by("ravi"), open, true, &out)
			}, "not-found"},
			"a release": {func() error {
				return office.Ledger{Office: h.first()}.May(ctx, ravi, dars.Visitor{Login: "ravi", Key: "SHA256:ravi"}, r.ID, h.noon())
			}, "not-found"},
			"to withdraw an application": {func() error {
				return office.Applications{Office: h.first()}.Withdraw(ctx, h.by("ravi"), returned)
			}, "not-found"},
			"to submit in another's name": {func() error {
				_, err := office.Applications{Office: h.first()}.Submit(ctx, h.by("ravi"), h.folder(h.form()), "")
				return err
			}, "other-organisation"},
			"to submit a version of another's case": {func() error {
				_, err := office.Applications{Office: h.first()}.Submit(ctx, h.by("ravi"), h.folder(mine), stem)
				return err
			}, "not-found"},
			"to hand in another's certificate": {func() error {
				in := h.filled(certificate, "")
				text, err := fs.ReadFile(in.Files, in.Name)
				h.must(err)
				_, err = office.Deletion{Office: h.first()}.Receive(ctx, h.by("ravi"), in, text)
				return err
			}, "not-found"},
			"to hand in another's signed copy": {func() error {
				text := "signed " + string(waiting)
				_, err := office.Agreements{Office: h.first()}.TakeCopy(ctx, h.by("ravi"), paper("submit", "a.pdf", text), []byte(text))
				return err
			}, "no-agreement"},
			"an act of the office": {func() error { return office.Parties{Office: h.first()}.Hold(ctx, h.by("ravi"), "RA1") }, "no-power"},
			"to confirm another's key": {func() error {
				return office.Parties{Office: h.first()}.ConfirmKey(ctx, h.by("ravi"), "rita", "SHA256:rita")
			}, "not-found"},
		}
		before := h.head()
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				err := tt.reach()
				ruled(t, err, tt.rule)
				if tt.rule == "not-found" && (strings.Contains(err.Error(), "RA1") || strings.Contains(err.Error(), "rita@")) {
					t.Errorf("it tells whose it is: %v", err)
				}
			})
		}
		if h.head() != before || out.Len() != 0 {
			t.Errorf("%d events are left, and %q was read", h.head()-before, out.String())
		}
		lists := map[string]int{}
		agreements, err := office.List(ctx, desk, ravi, func(g *dars.Agreement) dars.OrgCode { return g.Org })
		lists["agreements"] = len(agreements)
		h.must(err)
		shelf, err := desk.Shelf(ctx, ravi, h.noon())
		h.must(err)
		lists["open"], lists["papers"], lists["receipts"], lists["todo"] = len(shelf.Open), len(shelf.Papers), len(shelf.Receipts), len(shelf.Todo)
		for what, n := range lists {
			if n != 0 {
				t.Errorf("ravi sees %d %s", n, what)
			}
		}
		own, err := desk.Shelf(ctx, h.people["rita"], h.noon())
		h.must(err)
		if len(own.Open) != 1 || len(own.Papers) == 0 || len(own.Receipts) != 2 || len(own.Todo) == 0 {
			t.Errorf("and rita sees %d open, %d papers, %d receipts and %v", len(own.Open), len(own.Papers), len(own.Receipts), own.Todo)
		}
		// The people of the office see every case.
		everything, err := office.List(ctx, desk, h.people["connie"], func(g *dars.Agreement) dars.OrgCode { return g.Org })
		if err != nil || len(everything) != len(all[dars.Agreement](h)) {
			t.Errorf("compliance sees %d agreements, %v", len(everything), err)
		}
	})
}

// An unknown login, another's key and one that is not confirmed sound the same.
func TestAStrangerLearnsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, desk := t.Context(), office.Desk{Office: h.first()}
		h.must(office.Parties{Office: h.first()}.AddKey(ctx, h.by("carol"), "rita", "SHA256:new", "ssh-ed25519 new"))
		h.must(office.Parties{Office: h.first()}.RevokeKey(ctx, h.by("carol"), "ron", "SHA256:ron"))
		for name, key := range map[string][2]string{
			"a login that is nobody's": {"nobody", "SHA256:rita"}, "a key that is nobody's": {"rita", "SHA256:none"}, "another's key": {"rita", "SHA256:ravi"},
			"a key that is not confirmed": {"rita", "SHA256:new"}, "a key that was revoked, under another's login": {"rita", "SHA256:ron"}, "nothing": {"", ""},
		} {
			if p, err := desk.SignIn(ctx, dars.Visitor{Login: key[0], Key: key[1]}); p != nil || err == nil || err.Error() != "permission denied" {
				t.Errorf("%s: %v, %v", name, p, err)
			}
		}
		// Who had a key that was revoked is told so, once they have proved that they
		// hold it.
		_, err := desk.SignIn(ctx, dars.Visitor{Login: "ron", Key: "SHA256:ron"})
		ruled(t, err, "key-revoked")
		if p, err := desk.SignIn(ctx, dars.Visitor{Login: "rita", Key: "SHA256:rita"}); err != nil || p.ID != h.people["rita"] {
			t.Errorf("rita: %v, %v", p, err)
		}
	})
}

// A key says who signs in: it is one person's, and a second person's word opens it.
func TestAKeyIsOnePersons(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		before := h.head()
		ruled(t, o.AddKey(ctx, h.by("carol"), "ravi", "SHA256:rita", "ssh-ed25519 rita"), "key-known")
		_, err := o.AddPerson(ctx, h.by("carol"), dars.Person{Org: "RA2", Login: "rob"}, "SHA256:rita", "ssh-ed25519 rita")
		ruled(t, err, "key-known")
		_, err = o.AddPerson(ctx, h.by("carol"), dars.Person{Org: "RA2", Login: "rita"}, "", "")
		ruled(t, err, "known")
		_, err = o.AddPerson(ctx, h.by("carol"), dars.Person{Org: dars.TheOffice, Login: "rob"}, "", "")
		ruled(t, err, "no-power")
		_, err = o.AddPerson(ctx, h.by("olive"), dars.Person{Org: "RA2", Login: "rob"}, "", "")
		ruled(t, err, "no-power")
		_, err = o.AddPerson(ctx, h.by("carol"), dars.Person{Org: "RA2", Login: "rob", Roles: []dars.Role{dars.Signer}}, "", "")
		ruled(t, err, "no-role")
		for _, login := range []string{"", "Rob", "0rob", "rob!", "r/o", "rob\n", strings.Repeat("r", 33), "röb"} {
			_, err = o.AddPerson(ctx, h.by("carol"), dars.Person{Org: "RA2", Login: login}, "", "")
			ruled(t, err, "bad-login")
		}
		ruled(t, o.AddKey(ctx, h.by("carol"), "pat", "SHA256:x", "ssh-ed25519 x"), "no-power")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		h.must(o.AddKey(ctx, h.by("carol"), "rita", "SHA256:x", "ssh-ed25519 x"))
		done := h.race(6, "same-person wrong-step", func(i int, o *office.Office) error {
			return office.Parties{Office: o}.ConfirmKey(ctx, h.by([]string{"carol", "colin", "rita"}[i%3]), "rita", "SHA256:x")
		})
		if done != 1 {
			t.Errorf("it was confirmed %d times", done)
		}
	})
}

// An act that nobody has the power to do would be refused to everybody.
func TestEveryActIsInPowers(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !slices.Contains([]string{"do", "one", "step", "onPerson", "allowed", "May", "may"}, called(call)) {
				return true
			}
			args := call.Args
			if called(call) == "may" {
				args = args[:1]
			}
			for _, arg := range args {
				if text, ok := arg.(*ast.BasicLit); ok && text.Kind == token.STRING {
					act, _ := strconv.Unquote(text.Value)
					asked[act] = true
					break // the first text of such a call is the act
				}
			}
			return true
		})
	}
	if len(asked) < 30 {
		t.Fatalf("only %d acts were found: %v", len(asked), asked)
	}
	for act := range asked {
		if dars.Powers[act] == nil {
			t.Errorf("nobody has the power to %s", act)
		}
	}
	for act := range dars.Powers {
		if !asked[act] && act != "log verify" && act != "log access" && act != "log refused" { // those read, and are asked at the door
			t.Errorf("the power to %s is for no act", act)
		}
	}
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// One who has a part in everything by many roles still cannot take two parts where
// different people must.
func TestManyRolesAreOnePerson(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		o := office.Releases{Office: h.first()}
		id, err := o.Plan(t.Context(), h.by("carol"), h.agreement(), "HES_APC", nil)
		h.must(err)
		h.must(o.Produce(t.Context(), h.by("pat"), id))
		ruled(t, o.Check(t.Context(), h.by("pat"), id), "same-person")
		local := h.by("chris")
		local.Via = dars.Console
		h.must(o.Check(t.Context(), local, id))
		local.Who = h.people["sam"]
		ruled(t, o.SignOff(t.Context(), local, id), "console-twice")
		ruled(t, o.SignOff(t.Context(), h.by("chris"), id), "same-person")
		h.must(errors.Join(o.SignOff(t.Context(), h.by("sam"), id), o.Publish(t.Context(), h.by("pat"), id)))
	})
}
