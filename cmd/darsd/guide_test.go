package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// docs/guide.md is followed to the letter, block by block, in an office that lies as a
// package lays it: what somebody would type runs in bash, against a daemon of its own,
// with OpenSSH. What stands behind the three marks of a block says what is done with it:
//
//	sh            it is run, and must be done
//	sh refused    it is run, and must not be done
//	text          the block before has printed these lines; … stands for anything
//	text > FILE   a file is written; >> FILE, or something is added to it (yaml too)
//	sh by hand    it cannot be run here: byHand says what happens in its place
//	ssh_config    for eyes alone, as is text by eye
func TestTheGuide(t *testing.T) {
	t.Parallel()
	needs(t, "bash", "ssh", "sftp", "scp", "ssh-keygen")
	g := newGuided(t)
	blocks := readGuide(t, "../../docs/guide.md")
	if len(blocks) < 50 {
		t.Fatalf("there are only %d blocks: the guide was not read as it is", len(blocks))
	}
	for _, b := range blocks {
		if !g.follow(t, b) {
			t.Fatalf("docs/guide.md, line %d: the steps after it rest on this one", b.line)
		}
	}
	for text := range byHand {
		if !slices.ContainsFunc(blocks, func(b guideBlock) bool { return b.info == "sh by hand" && strings.TrimSpace(b.text) == text }) {
			t.Errorf("the guide does not say any more: %s", text)
		}
	}
}

// byHand are the blocks of the guide that cannot be run here, and what is done in their
// place; nothing, where what comes after does not need it.
var byHand = map[string]func(*guided, *testing.T){
	"sudo apt install ./darsd_*.deb":              (*guided).installed,
	"ssh-keygen -t ed25519 -f olive":              (*guided).keysMade,
	"sudo systemctl enable --now darsd":           (*guided).start,
	"sudo systemctl reload darsd":                 (*guided).reload,
	"sudo systemctl stop darsd":                   (*guided).halt,
	"sudo systemctl start darsd":                  (*guided).start,
	"editor application/application.yaml":         (*guided).filledIn,
	"journalctl -u darsd --since today":           nil,
	"scp /var/lib/darsd/checkpoints/* elsewhere:": nil,
	"sudo journalctl --vacuum-time=30d":           nil,
	"sudo chown -R darsd:darsd /var/lib/darsd":    nil,
	keptAsCredential:                              nil,
	"sudo systemd-run --quiet --pipe --wait --uid=darsd \\\n    -p LoadCredentialEncrypted=darsd-master:/etc/credstore.encrypted/darsd-master darsd doctor": nil,
}

const keptAsCredential = `sudo mkdir -p -m 700 /etc/credstore.encrypted
sudo systemd-creds encrypt --name=darsd-master /var/lib/darsd/keys/office.age \
    /etc/credstore.encrypted/darsd-master
sudo install -D -m 644 /usr/share/doc/darsd/examples/master-key.conf \
    /etc/systemd/system/darsd.service.d/master-key.conf
sudo systemctl daemon-reload`

// A guideBlock is one block of the guide.
type guideBlock struct {
	line int
	info string // what stands behind the three marks
	text string
}

var fence = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")

func readGuide(t *testing.T, file string) (all []guideBlock) {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range fence.FindAllSubmatchIndex(page, -1) {
		all = append(all, guideBlock{1 + bytes.Count(page[:at[0]], []byte("\n")), string(page[at[2]:at[3]]), string(page[at[4]:at[5]])})
	}
	return all
}

// A guided is somebody who follows the guide: at home in a directory, where /etc/darsd
// and /var/lib/darsd are too.
type guided struct {
	*stage
	daemon *daemon
	said   string // by the last command
}

func newGuided(t *testing.T) *guided {
	g := &guided{stage: &stage{dir: t.TempDir(), env: quiet()}}
	t.Cleanup(func() {
		if g.daemon != nil {
			if err := g.daemon.stop(); err != nil {
				t.Error(err)
			}
		}
	})
	return g
}

// follow does what a block says, and reports whether it could be done.
func (g *guided) follow(t *testing.T, b guideBlock) bool {
	t.Helper()
	kind, file, named := strings.Cut(b.info, " > ")
	if !named {
		kind, file, named = strings.Cut(b.info, " >> ")
	}
	switch {
	case named && (kind == "text" || kind == "yaml"):
		g.lay(t, file, b.text, strings.Contains(b.info, ">>"))
		return true
	case b.info == "sh":
		return g.bash(t, b, false)
	case b.info == "sh refused":
		return g.bash(t, b, true)
	case b.info == "sh by hand":
		instead, known := byHand[strings.TrimSpace(b.text)]
		if known && instead != nil {
			instead(g, t)
		}
		if !known {
			t.Errorf("line %d: nobody has said what happens in the place of what is done by hand:\n%s", b.line, b.text)
		}
		return known
	case b.info == "text":
		return g.heard(t, b)
	case b.info == "ssh_config", b.info == "text by eye":
		return true
	}
	t.Errorf("line %d: nobody knows what is to be done with a block of %q", b.line, b.info)
	return false
}

func (g *guided) bash(t *testing.T, b guideBlock, refused bool) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", g.here(b.text))
	cmd.Dir = g.path("home")
	cmd.Env = append(os.Environ(), "PATH="+g.path("bin")+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	g.said = string(out)
	t.Logf("line %d\n%s\n%s", b.line, b.text, out) // go test -run TheGuide -v is the session
	if (err != nil) != refused {
		t.Errorf("line %d: %v\n%s\n%s", b.line, err, b.text, out)
		if log, _ := os.ReadFile(g.path("serve.log")); len(log) > 0 {
			t.Logf("the daemon says:\n%s", log[max(0, len(log)-4000):])
		}
		return false
	}
	return true
}

// heard reports whether the last command has printed the lines of a block.
func (g *guided) heard(t *testing.T, b guideBlock) bool {
	t.Helper()
	for line := range strings.Lines(g.here(b.text)) {
		words := strings.Fields(line)
		for i, w := range words {
			words[i] = strings.ReplaceAll(regexp.QuoteMeta(w), "…", ".*")
		}
		if !regexp.MustCompile(`(?m)^\s*` + strings.Join(words, `\s+`) + `\s*$`).MatchString(g.said) {
			t.Errorf("line %d: nobody said %q, but\n%s", b.line, strings.TrimSpace(line), g.said)
			return false
		}
	}
	return true
}

// here puts the places of a package into this directory.
func (g *guided) here(text string) string {
	return strings.NewReplacer("/etc/darsd/", g.path("etc")+"/", "/var/lib/darsd", g.path("office")).Replace(text)
}

func (g *guided) lay(t *testing.T, name, text string, more bool) {
	t.Helper()
	file := g.here(name)
	if !filepath.IsAbs(file) {
		file = g.path("home/" + name)
	}
	if more {
		was, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = string(was) + text
	}
	g.keep(t, file, text, 0o600)
}

func (g *guided) keep(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// installed lays down what the package does, with addresses that are free here, and has
// ssh, sftp and scp read a configuration of our own: they look for one where the
// system says that the user is at home, and nowhere else.
func (g *guided) installed(t *testing.T) {
	self, err := exec.LookPath("darsd")
	if err != nil {
		t.Fatal(err)
	}
	config, _, _ := asked(t.Context(), "generate", "darsd.yaml")
	for _, port := range []string{"2022", "8080"} {
		if was := config; strings.Count(was, "listen: 127.0.0.1:"+port+"\n") != 1 {
			t.Fatalf("the configuration does not listen on port %s", port)
		}
		config = strings.Replace(config, "listen: 127.0.0.1:"+port+"\n", "listen: 127.0.0.1:0\n", 1)
	}
	g.keep(t, g.path("etc/darsd.yaml"), config, 0o600)
	g.keep(t, g.path("home/application/approval.txt"), demoLetter, 0o600)
	g.keep(t, g.path("bin/darsd"), fmt.Sprintf("#!/bin/sh\nexec %s --data %s --config %s \"$@\"\n", quote(self), quote(g.path("office")), quote(g.path("etc/darsd.yaml"))), 0o700)
	for _, program := range []string{"ssh", "sftp", "scp"} {
		real, err := exec.LookPath(program)
		if err != nil {
			t.Fatal(err)
		}
		g.keep(t, g.path("bin/"+program), fmt.Sprintf("#!/bin/sh\nexec %s -q -F %s \"$@\"\n", real, quote(g.path("ssh_config"))), 0o700)
	}
}

// keysMade is that everybody has made a key, as the operator has.
func (g *guided) keysMade(t *testing.T) {
	for _, login := range append(slices.Clone(people), "nora-new", "olive-new") {
		if err := (keypair{login}).do(t.Context(), g.stage); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"", ".pub"} {
			g.keep(t, g.path("home/"+login+name), string(g.readIn(t, "people/"+login+"/id_ed25519"+name)), 0o600)
		}
	}
}

func (g *guided) start(t *testing.T) {
	var err error
	if g.daemon, err = g.serveWith("--config", g.path("etc/darsd.yaml")); err != nil {
		t.Fatal(err)
	}
	// Host keys are learned anew each time: the story host-keys tells of those who know them.
	g.keep(t, g.path("ssh_config"), fmt.Sprintf(`Host office
    HostName 127.0.0.1
    Port %s
    IdentityFile "%s/%%r"
    IdentitiesOnly yes
    IdentityAgent none
    BatchMode yes
    UserKnownHostsFile /dev/null
    GlobalKnownHostsFile none
    StrictHostKeyChecking accept-new
    LogLevel ERROR
`, g.port(), g.path("home")), 0o600)
}

func (g *guided) halt(t *testing.T) {
	if err := g.daemon.stop(); err != nil {
		t.Fatal(err)
	}
}

// reload hangs up, and waits until that has been heard.
func (g *guided) reload(t *testing.T) {
	heard := func() int { return strings.Count(string(g.readIn(t, "serve.log")), "read again") }
	before := heard()
	if err := g.daemon.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if err := until("the daemon's word that it has read its configuration", func() bool { return heard() > before }); err != nil {
		t.Fatal(err)
	}
	if log := string(g.readIn(t, "serve.log")); strings.Contains(log, "was not read again") {
		t.Fatal(log)
	}
}

// filledIn is that the applicant has filled in the form.
func (g *guided) filledIn(t *testing.T) {
	form := demoForm("Asthma in towns", "8D101", "nora", "CLINIC", `"202599"`, "NHSA251_REG5", "2026-03-02", "2027-02-28")
	form = strings.NewReplacer("cag-letter.txt", "approval.txt", "2018-12-31", "2027-12-31").Replace(form)
	g.keep(t, g.path("home/application/application.yaml"), form, 0o600)
}
