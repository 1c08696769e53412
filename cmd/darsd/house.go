package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/configs"
	"darsd/dars"
	"darsd/documents"
	"darsd/office"
	"darsd/store"
	"darsd/transfer/intake"
	"darsd/transfer/vault"
)

// A house is an office's data directory, open.
type house struct {
	*office.Office
	dir       string
	config    string // the file
	root      *os.Root
	cfg       *configs.Config
	vault     *vault.Vault
	press     documents.Press // without the seal of what is issued
	outgoing  *os.Root        // where letters lie, when there is no mail server
	keyring   *keyring
	misfits   []error // what of the office's own wording does not fit
	founded   bool    // darsd init came to its end
	rehearsal bool
	clock     func() time.Time // the daemon's; nil in a command of its own
	refusals  *office.Refusals // that were not written yet
	screen    io.Writer        // the terminal of who gave the command, for progress; nil if there is none
}

// open opens the data directory of an office. One whose founding was cut short is
// none yet: nobody could act in it, and it would pass for a real one.
func open(ctx context.Context, data, config string, logs io.Writer) (*house, error) {
	if _, err := os.Stat(config); err == nil && isEmpty(data) { // opening would lay a database and keys there
		return nil, noOffice(data)
	}
	h, err := openAny(ctx, data, config, logs)
	if err == nil && !h.founded {
		h.close()
		return nil, misuse{fmt.Errorf("there is no office in %s yet, or its darsd init was cut short: say darsd init, as before", data)}
	}
	return h, err
}

func noOffice(data string) error {
	return misuse{fmt.Errorf("there is no office in %s: make one with darsd init --data %s --operator LOGIN --key FILE", data, data)}
}

// isEmpty reports whether a folder is not there, or holds nothing.
func isEmpty(folder string) bool {
	in, err := os.ReadDir(folder)
	return errors.Is(err, fs.ErrNotExist) || err == nil && len(in) == 0
}

func openAny(ctx context.Context, data, config string, logs io.Writer) (_ *house, err error) {
	own := filepath.Join(data, "darsd.yaml")
	config = cmp.Or(config, own)
	if _, err := os.Stat(config); errors.Is(err, fs.ErrNotExist) && config != own {
		return nil, misuse{fmt.Errorf("there is no configuration at %s: see --config", config)}
	} else if errors.Is(err, fs.ErrNotExist) {
		return nil, noOffice(data)
	}
	if err := errors.Join(notAsRoot(data), wasRestored(data)); err != nil {
		return nil, err
	}
	cfg, err := configs.Load(config, data)
	if err != nil {
		return nil, misuse{err}
	}
	h := &house{dir: data, config: config, cfg: cfg}
	h.refusals = &office.Refusals{Tell: h.noteRefused}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	if h.root, err = os.OpenRoot(data); err != nil {
		return nil, err
	}
	h.Office = officeOf(cfg)
	h.Log = slog.New(slog.NewTextHandler(logs, nil))
	if h.Store, err = store.Open(ctx, cfg.Database); err != nil {
		return nil, err
	}
	if err := h.Store.Refile(ctx, dars.Edition, dars.Nouns); err != nil {
		return nil, err
	}
	source, err := vault.ParseSource(cfg.Vault.Identity)
	if err != nil {
		return nil, misuse{fmt.Errorf("vault.identity: %w", err)}
	}
	if h.vault, err = vault.OpenWith(h.root, source); err != nil {
		return nil, err
	}
	if err := h.keys(); err != nil {
		return nil, err
	}
	if err := h.foundation(ctx); err != nil {
		return nil, err
	}
	return h, h.works()
}

// officeOf is an office as its configuration settles it, with nothing to work with
// yet.
func officeOf(cfg *configs.Config) *office.Office {
	var authorities []dars.Authority
	for _, a := range cfg.SFTP.Authorities {
		if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(a.Key)); err == nil { // it was checked
			authorities = append(authorities, dars.Authority{Fingerprint: ssh.FingerprintSHA256(key), Organisations: a.Organisations})
		}
	}
	return &office.Office{Calendar: cfg.Calendar(), Catalogue: cfg.Datasets, Policy: cfg.Policy.Policy, Info: cfg.Office, Orders: cfg.Reports.Deliver, Authorities: authorities,
		Limits: dars.Limits{MaxShrink: cfg.Policy.MaxShrink, MaxGrowth: cfg.Policy.MaxGrowth, MaxInvalid: cfg.Policy.MaxInvalid}}
}

// reread is the same house with its configuration read again. What is open stays
// open and is shared: the database, the vault, the keys.
func (h *house) reread() (*house, error) {
	cfg, err := configs.Load(h.config, h.dir)
	if err != nil {
		return nil, err
	}
	if atStart(cfg) != atStart(h.cfg) {
		return nil, errors.New("database, vault.identity, web.listen, metrics.listen, and of sftp listen, pq_only, legacy_macs, grace and the sizes of uploads are settled at the start: stop the daemon and start it again")
	}
	next := *h
	next.cfg, next.Office = cfg, officeOf(cfg)
	next.Store, next.Log = h.Store, h.Log
	if err := errors.Join(next.works(), next.misfit()); err != nil {
		return nil, err
	}
	_, err = next.daemonJobs(nil) // which reads the timetable
	return &next, err
}

// atStart are the settings that a running daemon cannot change.
func atStart(c *configs.Config) any {
	type settled struct {
		database string
		vault    configs.Vault
		listen   [3]string
		pq, macs bool
		grace    time.Duration
		largest  configs.Size
		quota    configs.Size
	}
	return settled{c.Database, c.Vault, [3]string{c.SFTP.Listen, c.Web.Listen, c.Metrics.Listen}, c.SFTP.PQOnly, c.SFTP.LegacyMACs, c.SFTP.Grace, c.SFTP.LargestUpload, c.SFTP.UploadQuota}
}

func (h *house) keys() error {
	dir, err := h.root.OpenRoot("keys")
	if err != nil {
		return err
	}
	defer dir.Close()
	if h.keyring == nil {
		h.keyring = &keyring{}
	}
	return h.keyring.read(dir)
}

// foundation finds out whether there is an office, and whether all here is a
// rehearsal.
func (h *house) foundation(ctx context.Context) error {
	return h.Store.View(ctx, func(tx *store.Tx) error {
		found, err := store.Find[dars.House](tx)
		if err != nil {
			return err
		}
		// Founding is one act: where there are events and no house, somebody took it
		// away, and log verify will say so.
		newest, err := tx.Newest()
		h.founded = len(found) > 0 || !newest.IsZero()
		h.rehearsal = len(found) > 0 && found[0].Rehearsal
		return err
	})
}

// works gives the office what it needs of the rest of the program.
func (h *house) works() error {
	for _, dir := range []string{"outgoing-mail", "reports", "checkpoints"} {
		if err := h.root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if h.outgoing == nil {
		var err error
		if h.outgoing, err = h.root.OpenRoot("outgoing-mail"); err != nil {
			return err
		}
	}
	wording, misfits := documents.ReadWording(os.DirFS(h.cfg.Wording))
	h.misfits = misfits
	h.press = documents.Press{Office: h.Info, Rehearsal: h.rehearsal, Wording: wording}
	issuing := h.press
	issuing.Seal = h.sealing()
	post, err := h.post(h.press)
	if err != nil {
		return err
	}
	var scan func(context.Context, io.Reader) (string, error)
	if address := h.cfg.Intake.Scanner; address != "" {
		scan = intake.Scanner{Address: address}.Scan
	}
	h.Works = office.Works{
		Scan:    scan,
		Papers:  issuing,
		Copies:  h.press,
		Reader:  reader{documents.Reader{Command: []string{self(), readPaper}, Seats: make(documents.Seats, max(runtime.GOMAXPROCS(0), 2))}, h.rehearsal, h.trusted},
		Vault:   safe{h.vault},
		Packer:  packer{h},
		Tables:  tabler{packer{h}, make(chan struct{}, 1)},
		Mail:    post,
		Reports: h.keepReport,
		Checkpoint: func(ctx context.Context, at time.Time) error {
			_, err := h.checkpoint(ctx, at)
			return err
		},
		Opened:   h.opened,
		Naming:   h.naming,
		Forget:   h.forget,
		Endpoint: h.endpoint,
		Refused:  h.refusals.Count,
	}
	return nil
}

// endpoint is where the daemon of this house is reached: as the configuration
// says, or where it listens.
func (h *house) endpoint() dars.Endpoint {
	address := cmp.Or(h.cfg.SFTP.Public, h.cfg.SFTP.Listen)
	if _, port, _ := net.SplitHostPort(address); port == "0" {
		address = cmp.Or(h.served().SFTP, address)
	}
	e := dars.Endpoint{}
	e.Host, e.Port, _ = net.SplitHostPort(address)
	keys, _ := h.keyring.all()
	for _, k := range keys {
		e.Keys = append(e.Keys, dars.HostKey{Fingerprint: ssh.FingerprintSHA256(k.PublicKey()), Public: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k.PublicKey())))})
	}
	return e
}

// keepReport puts a report where compliance looks for it, whole or not at all.
func (h *house) keepReport(name string, content []byte) error {
	if h.cfg.Reports.Folder == "" {
		return writeWhole(h.root, "reports", name, content)
	}
	folder, err := os.OpenRoot(h.cfg.Reports.Folder)
	if err != nil {
		return fmt.Errorf("reports.folder: %w", err)
	}
	defer folder.Close()
	return writeWhole(folder, ".", name, content)
}

// begunWhole is the name of a file that writeWhole has begun, as a pattern: 26 letters
// stand for a random text.
const begunWhole = ".new-??????????????????????????-"

// writeWhole writes a file that is there whole or not at all, also after the power
// has failed. Two that write the same one at once do not meet.
func writeWhole(root *os.Root, dir, name string, content []byte) error {
	temporary := path.Join(dir, ".new-"+rand.Text()+"-"+name) // as begunWhole has it
	f, err := root.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return root.Rename(temporary, path.Join(dir, name))
}

func (h *house) close() {
	if h.outgoing != nil {
		h.outgoing.Close()
	}
	if h.vault != nil {
		h.vault.Close()
	}
	if h.Office != nil && h.Store != nil {
		h.Store.Close()
	}
	if h.root != nil {
		h.root.Close()
	}
}

// head is the number of the newest event.
func (h *house) head(ctx context.Context) (seq int64, err error) {
	err = h.Store.View(ctx, func(tx *store.Tx) error {
		seq, err = tx.Head()
		return err
	})
	return seq, err
}
