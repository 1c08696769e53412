package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"darsd/dars"
	"darsd/transfer/extract/artificial"
)

// What people do with their hands, and with programs of their own, in the demo.

// prepare makes the sources and the configuration.
type prepare struct{}

func (prepare) do(_ context.Context, d *stage) error { return prepareDemo(d.dir) }
func (prepare) shell() string                        { return `"$DARSD" demo prepare "$D"` }

// keypair makes somebody an SSH key.
type keypair struct{ login string }

func (k keypair) do(_ context.Context, d *stage) error {
	home := d.path("people/" + k.login)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	block, err := ssh.MarshalPrivateKey(private, k.login)
	if err != nil {
		return err
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(home, "id_ed25519"), pem.EncodeToMemory(block), 0o600),
		os.WriteFile(filepath.Join(home, "id_ed25519.pub"), ssh.MarshalAuthorizedKey(key), 0o644))
}

func (k keypair) shell() string {
	return fmt.Sprintf(`mkdir -p "$D/people/%[1]s" && ssh-keygen -q -t ed25519 -N '' -C %[1]s -f "$D/people/%[1]s/id_ed25519"`, k.login)
}

// writing is a file that somebody writes.
type writing struct{ name, text string }

func (w writing) do(_ context.Context, d *stage) error {
	file := d.path(w.name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(w.text), 0o600)
}

func (w writing) shell() string {
	return fmt.Sprintf("mkdir -p \"$D/%s\" && cat > \"$D/%s\" <<'END'\n%sEND", path.Dir(w.name), w.name, w.text)
}

// pen is a signature on paper.
type pen struct{ in, out, name string }

func (p pen) do(_ context.Context, d *stage) error { return penOn(d.path(p.in), d.path(p.out), p.name) }
func (p pen) shell() string {
	return fmt.Sprintf(`"$DARSD" demo pen "$D/%s" "$D/%s" %s`, p.in, p.out, quote(p.name))
}

// filling is a certificate form being filled in.
type filling struct {
	in, out string
	on      dars.Day
	name    string
}

func (f filling) do(_ context.Context, d *stage) error {
	return fillCertificate(d.path(f.in), d.path(f.out), f.on, f.name)
}
func (f filling) shell() string {
	return fmt.Sprintf(`"$DARSD" demo fill "$D/%s" "$D/%s" %s %s`, f.in, f.out, f.on, quote(f.name))
}

// dropping is a file or folder that somebody drops into a watched folder.
type dropping struct{ from, folder string }

func (p dropping) do(ctx context.Context, d *stage) error {
	to := d.path("office/folders/" + p.folder + "/" + path.Base(p.from))
	if err := copyAll(d.path(p.from), to); err != nil {
		return err
	}
	return awaitFile(ctx, d.path("office/folders/"+p.folder+"/accepted/"+path.Base(p.from)+".verdict.txt"))
}

func (p dropping) shell() string {
	return fmt.Sprintf("cp -r \"$D/%s\" \"$D/office/folders/%s/\"\nawait \"$D/office/folders/%[2]s/accepted/%s.verdict.txt\"", p.from, p.folder, path.Base(p.from))
}

// getting is an SFTP session that fetches a file or folder.
type getting struct {
	login, what, to string
	no              bool // it is not to be had
}

func (g getting) do(_ context.Context, d *stage) error {
	return d.sftp(g.login, func(c *sftp.Client) error {
		err := fetchAll(c, g.what, d.path(g.to))
		if g.no {
			if err == nil {
				return fmt.Errorf("%s was to be had", g.what)
			}
			return nil
		}
		return err
	})
}

func (g getting) shell() string {
	line := fmt.Sprintf(`sftp_as %s <<< "get -r %s \"$D/%s\""`, g.login, g.what, g.to)
	if g.no {
		return "refused " + line
	}
	return fmt.Sprintf("mkdir -p \"$D/%s\"\n%s", path.Dir(g.to), line)
}

// putting is an SFTP session that puts a file into submit/, and waits for what
// the office says of it.
type putting struct{ login, from, name string }

func (p putting) do(ctx context.Context, d *stage) error {
	return d.sftp(p.login, func(c *sftp.Client) error {
		err := filepath.WalkDir(d.path(p.from), func(file string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			below, err := filepath.Rel(d.path(p.from), file)
			if err != nil {
				return err
			}
			to := path.Join("submit", p.name, filepath.ToSlash(below))
			if e.IsDir() {
				return c.Mkdir(to)
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			f, err := c.Create(to)
			if err != nil {
				return err
			}
			_, err = f.Write(content)
			return errors.Join(err, f.Close())
		})
		if err != nil {
			return err
		}
		verdict := "submit/" + p.name + ".verdict.txt"
		return errors.Join(await(ctx, verdict, func() bool {
			_, err := c.Stat(verdict)
			return err == nil
		}), fetch(c, verdict, d.path(p.from)+".verdict.txt"))
	})
}

func (p putting) shell() string {
	return fmt.Sprintf("sftp_as %[1]s <<< \"put -r \\\"$D/%[2]s\\\" submit/%[3]s\"\nuntil sftp_as %[1]s <<< \"get submit/%[3]s.verdict.txt \\\"$D/%[2]s.verdict.txt\\\"\" > /dev/null 2>&1; do sleep 0.3; done\ncat \"$D/%[2]s.verdict.txt\"", p.login, p.from, p.name)
}

// sftp signs in as somebody with their key, over the network as anybody would.
func (d *stage) sftp(login string, do func(*sftp.Client) error) error {
	text, err := os.ReadFile(d.path("people/" + login + "/id_ed25519"))
	if err != nil {
		return err
	}
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return err
	}
	c, err := ssh.Dial("tcp", d.address, &ssh.ClientConfig{User: login, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: ssh.FixedHostKey(d.host), HostKeyAlgorithms: []string{d.host.Type()}, Timeout: 10 * time.Second})
	if err != nil {
		return err
	}
	defer c.Close()
	s, err := sftp.NewClient(c)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}

// fetchAll fetches a file, or a folder with all that is in it.
func fetchAll(c *sftp.Client, from, to string) error {
	info, err := c.Stat(from)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fetch(c, from, to)
	}
	for w := c.Walk(from); w.Step(); {
		if w.Err() != nil {
			return w.Err()
		}
		local := filepath.Join(to, filepath.FromSlash(strings.TrimPrefix(w.Path(), from)))
		if w.Stat().IsDir() {
			if err := os.MkdirAll(local, 0o700); err != nil {
				return err
			}
		} else if err := fetch(c, w.Path(), local); err != nil {
			return err
		}
	}
	return nil
}

func fetch(c *sftp.Client, from, to string) error {
	in, err := c.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = in.WriteTo(out)
	return errors.Join(err, out.Close())
}

func copyAll(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

func awaitFile(ctx context.Context, file string) error {
	return await(ctx, file, func() bool {
		_, err := os.Stat(file)
		return err == nil
	})
}

// await waits until something is there; two minutes are too long for
// anything in the demo, on any machine.
func await(ctx context.Context, what string, there func() bool) error {
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	for !there() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not come", what)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// fillCertificate fills in a form: every item destroyed on a day, and declared.
func fillCertificate(in, out string, on dars.Day, name string) error {
	text, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	for field, value := range map[string]string{
		"method": "CRYPTO_ERASE", "destroyed_on": string(on), "name": name, "post": "Caldicott Guardian", "date": string(on), "performed_by": "The research computing team",
	} {
		text = regexp.MustCompile(`(?m)^(\s*`+field+`:) ""`).ReplaceAll(text, []byte(`$1 "`+value+`"`))
	}
	text = bytes.ReplaceAll(text, []byte("no_copy_remains: false"), []byte("no_copy_remains: true"))
	return os.WriteFile(out, text, 0o600)
}

// The demo's people are made up from this seed: so many persons, so many rows a
// year.
const (
	demoSeed    = 2016
	demoPersons = 1500
	demoRows    = 4000
)

// prepareDemo makes the data that the demo's office holds, two objections lists,
// and a configuration that describes them.
func prepareDemo(dir string) error {
	sources := filepath.Join(dir, "office", "sources")
	if err := os.MkdirAll(sources, 0o700); err != nil {
		return err
	}
	var errs []error
	put := func(name string, write func(io.Writer) error) {
		f, err := os.OpenFile(filepath.Join(sources, name), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err == nil {
			err = errors.Join(write(f), f.Close())
		}
		errs = append(errs, err)
	}
	hes := dars.Dataset{Code: "HES_APC", Name: "Hospital Episode Statistics, Admitted Patient Care", IAO: "iris", Person: artificial.IndexPerson,
		Index: &dars.Index{File: "sources/hes-index.csv", Person: artificial.IndexPerson, NHSNumber: artificial.IndexNumber, AsAt: "2016-02-29"},
		Date:  "ADMIDATE", Unmatched: dars.Withhold, Format: dars.Format{Delimiter: ",", Quoted: true, Header: true}}
	for _, year := range []int{2012, 2013, 2014} {
		e := artificial.Episodes{Seed: demoSeed, Persons: demoPersons, Year: year, Identifiable: true}
		name := fmt.Sprintf("hes-apc-%s.csv", e.Period())
		put(name, func(w io.Writer) error { return e.Write(w, demoRows) })
		hes.Files = append(hes.Files, dars.SourceFile{Period: e.Period(), Path: "sources/" + name, AsAt: "2015-11-30"})
		hes.Fields = e.Fields()
	}
	people := artificial.Episodes{Seed: demoSeed, Persons: demoPersons, Year: 2014}
	put("hes-index.csv", people.WriteIndex)
	put("objections-2016-03-04.txt", func(w io.Writer) error { return people.WriteObjections(w, 0.03, artificial.Mixed) })
	put("objections-2017-04-28.txt", func(w io.Writer) error { return people.WriteObjections(w, 0.035, artificial.Mixed) })
	p := artificial.Prescriptions{Seed: demoSeed, Persons: demoPersons, Year: 2015}
	put("prescriptions-201599.txt", func(w io.Writer) error { return p.Write(w, demoRows) })
	drugs := dars.Dataset{Code: "PRESCRIBING", Name: "Dispensed prescriptions", IAO: "iris", Person: "PATIENT", Unmatched: dars.Withhold,
		Format: dars.Format{Delimiter: "|"}, Fields: p.Fields(), Files: []dars.SourceFile{{Period: p.Period(), Path: "sources/prescriptions-201599.txt", AsAt: "2016-06-30"}}}
	text, err := demoConfig(dars.Catalogue{hes, drugs})
	if err != nil {
		return err
	}
	errs = append(errs, os.WriteFile(filepath.Join(dir, "demo.yaml"), text, 0o600))
	return errors.Join(errs...)
}

// demoConfig is the configuration of the demo's office.
func demoConfig(datasets dars.Catalogue) ([]byte, error) {
	text, err := yaml.Marshal(map[string]dars.Catalogue{"datasets": datasets})
	if err != nil {
		return nil, err
	}
	return append([]byte(`# The demo's office. "darsd init" writes a configuration with every setting.
office:
  name: Health and Social Care Information Centre (demo)
  address: 1 Trevelyan Square, Boar Lane, Leeds LS1 6AE
  telephone: "0300 303 5678"
  email: data.release@office.example
sftp:
  listen: 127.0.0.1:0 # any port that is free; serve.json says which
  quiet: 1s
web:
  listen: 127.0.0.1:0
console: full
policy:
  uphold: by-matrix # support under section 251 is given on condition that objections are upheld
`), text...), nil
}

// confirmation is the second officer's word on a key, whose fingerprint the owner
// has read out over the telephone.
type confirmation struct{ when, by, login string }

func (c confirmation) do(ctx context.Context, d *stage) error {
	fingerprint, _, err := readKey(d.path("people/" + c.login + "/id_ed25519.pub"))
	if err != nil {
		return err
	}
	return at(c.when, c.by, "person key-confirm", c.login, fingerprint).do(ctx, d)
}

func (c confirmation) shell() string {
	return fmt.Sprintf(`darsd --as %s --at %s person key-confirm %s "$(ssh-keygen -lf "$D/people/%[3]s/id_ed25519.pub" | cut -d' ' -f2)"`, c.by, c.when, c.login)
}
