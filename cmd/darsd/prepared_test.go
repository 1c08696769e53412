package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
	"darsd/office"
)

// Most stories begin in the middle: with an office whose people, organisations
// and contracts are there, or whose first agreement is in force, or that has
// published something. Such offices are prepared once, by the deeds of the demo,
// and copied for each story.
//
// Who is who, besides the demo's staff: nora applies and collects for 8D101, ned
// collects there too but is named in no agreement, sam is of 8D202; pat has every
// role that a release needs.
var stages = map[string]*prepared{}

func init() {
	stages["founded"] = inOrder("", foundOffice)
	stages["issued"] = inOrder("founded", issueAgreement)
	stages["agreed"] = inOrder("issued", agree)
	stages["published"] = inOrder("agreed", publishRelease)
	stages["twice"] = inOrder("agreed", issueSecond)
	stages["real"] = inOrder("", foundRealOffice)
}

// A prepared office is made when it is first asked for.
type prepared struct {
	dir  string
	make func() error
}

// tidied is where all prepared offices lie; TestMain removes it.
var tidied = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "darsd-prepared") })

// inOrder prepares an office by some deeds, after another has been.
func inOrder(from string, deeds func(*stage) error) *prepared {
	p := &prepared{}
	p.make = sync.OnceValue(func() error {
		root, err := tidied()
		if err != nil {
			return err
		}
		if p.dir, err = os.MkdirTemp(root, "office"); err != nil {
			return err
		}
		if from != "" {
			if err := stages[from].copyTo(p.dir); err != nil {
				return err
			}
		}
		return deeds(&stage{dir: p.dir, env: quiet()})
	})
	return p
}

// copyTo copies a prepared office into a directory: office/ and people/.
func (p *prepared) copyTo(dir string) error {
	if err := p.make(); err != nil {
		return err
	}
	return copyTree(p.dir, dir)
}

// copyTree copies files with their permissions: ssh will not use a key that
// others can read.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, below), 0o700)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, below), content, 0o600)
	})
}

// begin gives a copy of a prepared office, for a test in Go.
func begin(t *testing.T, name string) *stage {
	t.Helper()
	d := &stage{dir: t.TempDir(), env: quiet()}
	if err := stages[name].copyTo(d.dir); err != nil {
		t.Fatalf("cannot prepare the office %q: %v", name, err)
	}
	return d
}

func (d *stage) all(deeds ...deed) error {
	for _, one := range deeds {
		if err := one.do(context.Background(), d); err != nil {
			return err
		}
	}
	return nil
}

func foundOffice(d *stage) error {
	if err := copyTree("testdata/office", d.path("office/sources")); err != nil {
		return err
	}
	if err := os.Rename(d.path("office/sources/darsd.yaml"), d.path("office.yaml")); err != nil {
		return err
	}
	deeds := []deed{keypair{"olive"}, command{at: "2016-02-01T09:00", args: []string{"init", "--rehearsal", "--operator", "olive", "--key", "$D/people/olive/id_ed25519.pub", "--from", "$D/office.yaml"}}}
	for _, p := range demoStaff {
		deeds = append(deeds, keypair{p.login}, person("2016-02-01T09:10", "olive", "office", p.login, p.name, p.role))
	}
	deeds = append(deeds, keypair{"pat"}, person("2016-02-01T09:20", "olive", "office", "pat", "Pat Three-Roles", "producer,checker,signer,case-officer"))
	deeds = append(deeds, organisation("2016-02-01T10", "8D101", "University of Northshire", "nora", "Dr Nora Field")...)
	deeds = append(deeds, organisation("2016-02-01T11", "8D202", "Southmere Research Institute", "sam", "Sam Pereira")...)
	deeds = append(deeds, keypair{"ned"}, person("2016-02-01T12:00", "carol", "8D101", "ned", "Ned Marsh", "applicant,collector"), confirmation{"2016-02-01T12:10", "colin", "ned"})
	deeds = append(deeds, contract("2016-02-02T09", 1, "8D101")...)
	return d.all(append(deeds, contract("2016-02-02T10", 2, "8D202")...)...)
}

// applied is an application of nora's, taken as far as an agreement that waits
// to be signed.
func applied(day, agreement, title, dataset string) []deed {
	return appliedWith(day, agreement, demoForm(title, "8D101", "nora", dataset, `"201499"`, "NHSA251_REG5", "2016-03-01", "2017-02-28"))
}

func appliedWith(day, agreement, form string) []deed {
	deeds := []deed{
		writing{"people/nora/application/application.yaml", form},
		writing{"people/nora/application/cag-letter.txt", demoLetter},
		at(day+"T08:00", "nora", "application submit", "$D/people/nora/application")}
	n := map[string]int{demoFirst: 1, demoSecond: 2, demoThird: 3}[agreement] // each meets once
	return append(append(deeds, approval(day, agreement, n)...), at(day+"T12:00", "carol", "agreement issue", agreement))
}

func issueAgreement(d *stage) error {
	return d.all(append(applied("2016-02-08", demoFirst, "Readmissions", "ADMISSIONS"),
		command{as: "carol", args: []string{"agreement", "print", demoFirst}, out: "people/nora/agreement.pdf"},
		pen{"people/nora/agreement.pdf", "people/nora/signed.pdf", "Nora Field"})...)
}

func agree(d *stage) error {
	if err := d.handIn("people/nora/signed.pdf", "signed-agreements"); err != nil {
		return err
	}
	return d.all(append(signature("2016-03-01T09", demoFirst),
		at("2016-03-07T09:00", "priya", "objections load", "$D/office/sources/objections.txt", "--as-at", "2016-03-04"))...)
}

func publishRelease(d *stage) error {
	return d.all(released("REL-000001", "2016-03-08", demoFirst, "ADMISSIONS")...)
}

func issueSecond(d *stage) error {
	return d.all(append(applied("2016-03-08", demoSecond, "Readmissions, the second part", "ADMISSIONS"),
		command{as: "carol", args: []string{"agreement", "print", demoSecond}, out: "people/nora/agreement-2.pdf"},
		pen{"people/nora/agreement-2.pdf", "people/nora/signed-2.pdf", "Nora Field"})...)
}

// handIn drops a file into a watched folder and has it taken in at once.
func (d *stage) handIn(name, folder string) error {
	h, err := open(context.Background(), d.path("office"), "", d.env.stderr)
	if err != nil {
		return err
	}
	defer h.close()
	f, err := h.folder(folder)
	if err != nil {
		return err
	}
	to := d.path("office/folders/" + folder + "/" + filepath.Base(name))
	if err := copyAll(d.path(name), to); err != nil {
		return err
	}
	if err := f.Once(context.Background()); err != nil {
		return err
	}
	_, err = os.Stat(d.path("office/folders/" + folder + "/accepted/" + filepath.Base(name) + ".verdict.json"))
	return err
}

// foundRealOffice founds an office that is no rehearsal, up to an agreement in
// force from today: by the operator from a local shell, who says why, and then by
// everybody over SSH.
func foundRealOffice(d *stage) error {
	if err := copyTree("testdata/office", d.path("office/sources")); err != nil {
		return err
	}
	if err := os.Rename(d.path("office/sources/darsd.yaml"), d.path("office.yaml")); err != nil {
		return err
	}
	today := dars.Day(time.Now().Format(time.DateOnly))
	deeds := []deed{keypair{"olive"}, command{args: []string{"init", "--operator", "olive", "--key", "$D/people/olive/id_ed25519.pub", "--from", "$D/office.yaml"}}}
	for _, p := range demoStaff {
		add := person("", "olive", "office", p.login, p.name, p.role)
		add.args = append(add.args, "--reason", "setting up the office")
		deeds = append(deeds, keypair{p.login}, add)
	}
	deeds = append(deeds, keypair{"nora"},
		command{as: "carol", args: []string{"org", "add", "8D101", "University of Northshire", "--ico", "Z1234567", "--security", "IG Toolkit v13: satisfactory", "--reason", "setting up the office"}})
	add := person("", "carol", "8D101", "nora", "Dr Nora Field", "applicant,collector")
	add.args = append(add.args, "--reason", "setting up the office")
	deeds = append(deeds, add,
		writing{"people/nora/application/application.yaml", demoForm("Readmissions", "8D101", "nora", "ADMISSIONS", `"201499"`, "NHSA251_REG5", string(today), string(today.AddMonths(6)))},
		writing{"people/nora/application/cag-letter.txt", strings.ReplaceAll(demoLetter, "2018", "2098")})
	form, _ := deeds[len(deeds)-2].(writing)
	form.text = strings.ReplaceAll(form.text, "expires: 2018-12-31", "expires: 2098-12-31")
	deeds[len(deeds)-2] = form
	if err := d.all(deeds...); err != nil {
		return err
	}
	fingerprint, _, err := readKey(d.path("people/nora/id_ed25519.pub"))
	if err != nil {
		return err
	}
	contract := string(dars.ContractName(1))
	stem := strings.TrimSuffix(demoFirst, "-v1.0")
	for _, line := range []string{
		"colin person key-confirm nora " + fingerprint,
		"carol contract issue 8D101", "carol contract confirm " + contract, "colin contract confirm " + contract, "sven contract countersign " + contract,
	} {
		if err := d.overSSH(line, nil); err != nil {
			return err
		}
	}
	if err := d.all(command{as: "nora", args: []string{"application", "submit", "$D/people/nora/application", "--reason", "the applicant's line is down"}}); err != nil {
		return err
	}
	for _, line := range []string{
		"carol application evidence " + stem + " --file 1 --seen",
		"carol application review " + stem + " --legal-basis --security --feasibility --purpose", "carol application accept " + stem,
		"iris decision assess " + stem, "seth decision pre-review " + stem, "seth decision meeting " + string(today), "iris decision present " + stem,
		"seth decision attend MEET-000001 mary --kind chair", "seth decision attend MEET-000001 milo --kind professional",
		"seth decision attend MEET-000001 mina --kind patient", "seth decision attend MEET-000001 lena --kind lay",
		"seth decision outcome " + stem + " --outcome recommended", "simone decision siro " + stem + " --approve", "carol agreement issue " + stem,
	} {
		if err := d.overSSH(line, nil); err != nil {
			return err
		}
	}
	if err := d.all(command{as: "carol", args: []string{"agreement", "print", demoFirst}, out: "people/nora/agreement.pdf"},
		pen{"people/nora/agreement.pdf", "people/nora/signed.pdf", "Nora Field"}); err != nil {
		return err
	}
	if err := d.handIn("people/nora/signed.pdf", "signed-agreements"); err != nil {
		return err
	}
	list, err := os.ReadFile(d.path("office/sources/objections.txt"))
	if err != nil {
		return err
	}
	return errors.Join(d.overSSH("carol agreement confirm "+demoFirst, nil), d.overSSH("colin agreement confirm "+demoFirst, nil),
		d.overSSH("sven agreement countersign "+demoFirst, nil), d.overSSH("priya objections load - --as-at "+string(today), list),
		d.overSSH("carol release plan "+demoFirst+" --dataset ADMISSIONS", nil))
}

// overSSH carries out a line as the desk does for somebody whose key has said
// who it is.
func (d *stage) overSSH(line string, in []byte) error {
	ctx := context.Background()
	h, err := open(ctx, d.path("office"), "", d.env.stderr)
	if err != nil {
		return err
	}
	defer h.close()
	h.clock = time.Now
	words := strings.Fields(line)
	p, err := office.Desk{Office: h.Office}.Person(ctx, words[0])
	if err != nil {
		return err
	}
	var out, errs bytes.Buffer
	if status := (counter{house: h}).Run(ctx, p.ID, dars.Visitor{}, words[1:], bytes.NewReader(in), &out, &errs); status != done {
		return fmt.Errorf("ssh %s: exit status %d: %s", line, status, errs.String())
	}
	return nil
}

// hostKey is the key by which the endpoint of an office is known.
func (d *stage) hostKey() (ssh.PublicKey, error) {
	text, err := os.ReadFile(d.path("office/keys/ssh_host_ed25519_key"))
	if err != nil {
		return nil, err
	}
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, err
	}
	return key.PublicKey(), nil
}

// approval is all from the review to the decision on a day, with a meeting of its
// own: the nth.
func approval(day, agreement string, n int) []deed {
	deeds := append(reviewed(day, agreement), meeting(day, fmt.Sprintf("MEET-%06d", n), agreement)...)
	return append(deeds, at(day+"T11:00", "simone", "decision siro", caseOf(agreement), "--approve"))
}
