package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// openssh runs sftp or ssh as somebody, in a directory of its own.
func (d *stage) openssh(t *testing.T, program, login, in string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	port := "-p"
	if program == "sftp" {
		port = "-P"
	}
	line := append(append(d.options(login), port, d.port()), login+"@127.0.0.1")
	if program == "sftp" {
		line = append([]string{"-b", "-"}, line...)
	}
	c := exec.CommandContext(t.Context(), program, append(line, args...)...)
	var out, errs bytes.Buffer
	c.Dir, c.Stdin, c.Stdout, c.Stderr = d.path("downloads"), strings.NewReader(in), &out, &errs
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// A page is what release show says of one person and file.
type page struct {
	Bytes     int64
	Confirmed int64
	Complete  bool
	Receipt   string
}

func (d *stage) page(t *testing.T, release string) page {
	t.Helper()
	var r struct {
		Files []struct{ Sent []page }
	}
	d.into(t, &r, "--as", "priya", "release", "show", release)
	if len(r.Files) != 1 || len(r.Files[0].Sent) != 1 {
		return page{}
	}
	return r.Files[0].Sent[0]
}

// The demo goes on serving one agreement. OpenSSH fetches it: listed, broken off,
// taken up again, whole; ledger and receipt say the truth right after each.
func TestOpenSSHCollectsWhatTheDemoServes(t *testing.T) {
	t.Parallel()
	needs(t, "sftp", "ssh", "sha512sum")
	d := copyOfDemo(t)
	if err := os.MkdirAll(d.path("downloads"), 0o700); err != nil {
		t.Fatal(err)
	}
	d.serves(t)
	d.write(t, "known_hosts", []byte("* "+string(ssh.MarshalAuthorizedKey(d.host))))
	folder := "collect/" + demoThird + "/REL-000003"
	name := "FILE0000005_NIC000003_PRESCRIBING_201599.txt"
	file := folder + "/data/" + name

	source, err := os.ReadFile(d.path("office/sources/prescriptions-201599.txt"))
	if err != nil {
		t.Fatal(err)
	}
	s := naive{delimiter: '|', person: 1, objecting: listed(t, d.path("office/sources/objections-2017-04-28.txt"))}.sift(t, source)
	size := int64(len(s.want))

	out, errs, status := d.openssh(t, "sftp", "nora", "ls -l "+folder+"/data\nls -l\n")
	if status != 0 || !strings.Contains(out, name) || !strings.Contains(out, fmt.Sprintf(" %d ", size)) || !strings.Contains(out, "README.txt") {
		t.Errorf("ls -l: status %d\n%s%s", status, out, errs)
	}
	if p := d.page(t, "REL-000003"); p != (page{}) {
		t.Errorf("looking is not fetching, and the ledger says %+v", p)
	}

	// A transfer that breaks: the line is cut when a good part has come.
	client, hangUp, err := d.session("nora")
	if err != nil {
		t.Fatal(err)
	}
	f, err := client.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	part := make([]byte, size/3)
	if _, err := io.ReadFull(f, part); err != nil {
		t.Fatal(err)
	}
	hangUp()
	d.write(t, path.Join("downloads", name), part)
	var p page
	if err := until("the ledger's page of the broken transfer", func() bool {
		p = d.page(t, "REL-000003")
		return p.Receipt != ""
	}); err != nil {
		t.Fatalf("%v: %+v", err, p)
	}
	if p.Bytes < int64(len(part)) || p.Bytes >= size || p.Complete || p.Confirmed > p.Bytes {
		t.Errorf("after %d of %d bytes the ledger says %+v", len(part), size, p)
	}

	if out, errs, status := d.openssh(t, "sftp", "nora", "reget "+file+"\n"); status != 0 {
		t.Fatalf("reget: status %d\n%s%s", status, out, errs)
	}
	got, err := os.ReadFile(d.path(path.Join("downloads", name)))
	if err != nil {
		t.Fatal(err)
	}
	s.holds(t, got)
	p = d.page(t, "REL-000003")
	if p.Bytes != size {
		t.Errorf("a broken transfer and the rest of it make %d bytes, not %d", p.Bytes, size)
	}

	if out, errs, status := d.openssh(t, "sftp", "nora", "get -r "+folder+"\nget receipts/FILE0000005.receipt.json\n"); status != 0 {
		t.Fatalf("get: status %d\n%s%s", status, out, errs)
	}
	p = d.page(t, "REL-000003")
	if p.Bytes != size || p.Confirmed != size || !p.Complete {
		t.Errorf("after the whole of it (%d bytes) the ledger says %+v", size, p)
	}
	if out := d.ask(t, "verify", d.path("downloads/FILE0000005.receipt.json")); !strings.Contains(out, "is complete for") {
		t.Errorf("the receipt that is there right after: %s", out)
	}
	check := exec.CommandContext(t.Context(), "sha512sum", "--quiet", "-c", "manifest-sha512.txt", "tagmanifest-sha512.txt")
	check.Dir = d.path("downloads/REL-000003")
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	content, _ := os.ReadFile(filepath.Join(check.Dir, "data", name))
	s.holds(t, content)

	// The desk, by ssh.
	if out, errs, status := d.openssh(t, "ssh", "nora", "", "status"); status != 0 || !strings.Contains(out, "This is the folder of Dr Nora Field") {
		t.Errorf("ssh status: %d\n%s%s", status, out, errs)
	}
	out, errs, status = d.openssh(t, "ssh", "sam", "", "todo", "--json")
	var todo struct {
		Items []struct{ Kind, Ref, Act, Due string }
	}
	if err := json.Unmarshal([]byte(out), &todo); err != nil || status != 0 || len(todo.Items) != 2 || todo.Items[0].Due != "2017-03-09" || todo.Items[1].Ref != "CERT-000002" || todo.Items[1].Due != "2017-03-14" {
		t.Errorf("ssh todo --json: %d, %v\n%s%s", status, err, out, errs)
	}
	out, _, status = d.openssh(t, "ssh", "sam", "", "release", "show", "REL-000003", "--json")
	var no struct{ Refused, Rule string }
	if err := json.Unmarshal([]byte(out), &no); err != nil || status != refused || no.Rule != "not-found" {
		t.Errorf("ssh release show of another's: %d, %v\n%s", status, err, out)
	}
	if _, errs, status := d.openssh(t, "ssh", "sam", "", "relase", "list"); status != misused || !strings.Contains(errs, `did you mean "release"?`) {
		t.Errorf("ssh with a misspelt command: %d\n%s", status, errs)
	}
	if _, _, status := d.openssh(t, "sftp", "sam", "get "+file+"\n"); status == 0 {
		t.Error("somebody else fetched it")
	}
	// Somebody's key does not sign in under another's name.
	stranger := exec.CommandContext(t.Context(), "ssh", append(d.options("amir"), "-p", d.port(), "nora@127.0.0.1", "status")...)
	if out, err := stranger.CombinedOutput(); err == nil || !strings.Contains(string(out), "Permission denied") {
		t.Errorf("another's key signs in as nora: %v %s", err, out)
	}
}
