package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
	"darsd/transfer/sftpd"
	"darsd/transfer/vault"
)

const release dars.ReleaseID = "REL-000001"

// An office is as little of one as the endpoint can stand on: everybody with
// the one key may come in, and finds the same files. They lie in a real vault,
// or in the clear where the cost of decryption is to be known.
type office struct {
	key   string // fingerprint
	vault *vault.Vault
	clear *os.Root // in place of the vault, for reading
	files []sftpd.Entry
}

// serveOffice is the process that is measured. It says on stdout where it
// listens and ends when it is told to.
func serveOffice(dir string, clear bool, profile string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	o, hostKeys, err := openOffice(dir, clear)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	server := &sftpd.Server{Desk: o, Ledger: o, Trays: o, HostKeys: hostKeys, Limits: sftpd.Limits{StrangersEach: 2000, Strangers: 2000, ConnectionsEach: 2000}, Uploads: sftpd.Uploads{FileBytes: 1 << 40, Bytes: 1 << 40, HourlyBytes: 1 << 50, HourlyFiles: 1 << 30}, Grace: time.Second}
	return server.Serve(ctx, ln)
}

func openOffice(dir string, clear bool) (*office, []ssh.Signer, error) {
	data, err := os.OpenRoot(filepath.Join(dir, "office"))
	if err != nil {
		return nil, nil, err
	}
	o := &office{}
	if o.vault, err = vault.Open(data); err != nil {
		return nil, nil, err
	}
	keys, err := data.OpenRoot("keys")
	if err != nil {
		return nil, nil, err
	}
	hostKeys, err := sftpd.HostKeys(keys)
	if err != nil {
		return nil, nil, err
	}
	key, err := readKey(dir)
	if err != nil {
		return nil, nil, err
	}
	o.key = ssh.FingerprintSHA256(key.PublicKey())
	source, err := os.OpenRoot(filepath.Join(dir, "files"))
	if err != nil {
		return nil, nil, err
	}
	if clear {
		o.clear = source
	}
	return o, hostKeys, o.look(source)
}

// look makes the list of what people find: all that lies in files/.
func (o *office) look(source *os.Root) error {
	for _, dir := range []string{".", "many"} {
		d, err := source.Open(dir)
		if err != nil {
			return err
		}
		infos, err := d.Readdir(-1)
		d.Close()
		if err != nil {
			return err
		}
		for _, info := range infos {
			name := path.Join(dir, info.Name())
			if info.Mode().IsRegular() {
				o.files = append(o.files, sftpd.Entry{
					Path: "collect/" + name, Size: info.Size(), Modified: info.ModTime(), File: dars.FileID(name), Release: release,
					Until: time.Now().Add(24 * time.Hour), Object: name,
				})
			}
		}
	}
	return nil
}

// fill puts everything in files/ into the vault.
func fill(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "office"), 0o700); err != nil {
		return err
	}
	o, _, err := openOffice(dir, false)
	if err != nil {
		return err
	}
	defer o.vault.Close()
	for _, e := range o.files {
		if err := o.keep(dir, e.Object); err != nil {
			return err
		}
	}
	return nil
}

func (o *office) keep(dir, name string) error {
	from, err := os.Open(filepath.Join(dir, "files", name))
	if err != nil {
		return err
	}
	defer from.Close()
	w, err := o.vault.Create(release, stored(name))
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := io.Copy(w, bufio.NewReaderSize(from, 1<<20)); err != nil {
		return err
	}
	return w.Commit()
}

func stored(name string) string { return "releases/" + string(release) + "/" + name }

// SignIn makes a person of every login, as if each had an account.
func (o *office) SignIn(_ context.Context, v dars.Visitor) (dars.PersonID, error) {
	if v.Key != o.key {
		return "", dars.Refuse("no-key", release, "this key is not known here")
	}
	return dars.PersonID("P-" + v.Login), nil
}

func (o *office) Root(context.Context, dars.PersonID) ([]sftpd.Entry, error) { return o.files, nil }

func (o *office) Open(_ context.Context, _ dars.PersonID, e sftpd.Entry) (sftpd.Content, error) {
	if o.clear != nil {
		f, err := o.clear.Open(e.Object)
		return plain{f, e.Size}, err
	}
	return o.vault.Open(release, stored(e.Object))
}

// A plain content lies on the disk as it is.
type plain struct {
	*os.File
	size int64
}

func (p plain) Size() int64 { return p.size }

func (o *office) May(context.Context, dars.PersonID, dars.Visitor, sftpd.Entry) error { return nil }

func (o *office) Run(context.Context, dars.PersonID, dars.Visitor, []string, io.Reader, io.Writer, io.Writer) int {
	return 127
}

// Reserve and Settle keep no ledger: what it costs is one act in the database
// for 16 MiB.
func (o *office) Reserve(context.Context, sftpd.Download, dars.Range) error { return nil }

func (o *office) Settle(context.Context, sftpd.Download, dars.Ranges, dars.Ranges) error { return nil }

func (o *office) Tray(who dars.PersonID) sftpd.Tray { return tray{o.vault.Tray(who)} }

type tray struct{ *vault.Tray }

func (t tray) Begin(from string) (sftpd.Draft, error) {
	d, err := t.Tray.Begin(from)
	if err != nil {
		return nil, err // and no Draft that is a nil pointer
	}
	return d, nil
}

func (t tray) List() (all []sftpd.Upload, err error) {
	uploads, err := t.Tray.List()
	for _, u := range uploads {
		all = append(all, sftpd.Upload(u))
	}
	return all, err
}

// startOffice runs this program, or another build of it, as the server.
func startOffice(name, program, dir string, more ...string) (*server, error) {
	run := exec.Command(program, append([]string{"-dir", dir, "-serve"}, more...)...)
	run.Stderr = os.Stderr
	out, err := run.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := run.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the office did not start: %w", err)
	}
	return &server{
		name: name, addr: strings.TrimSpace(line), login: func(i int) string { return fmt.Sprintf("%06d", i) },
		get: "/collect", put: "/submit", pid: run.Process.Pid, processes: 1,
		stop: func() { run.Process.Signal(syscall.SIGTERM); run.Wait() },
	}, nil
}
