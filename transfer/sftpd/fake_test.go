package sftpd

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// An office in memory: desk, ledger and trays in one, with a clock that can be
// set, and channels that say what has happened.
type office struct {
	t        *testing.T
	server   *Server
	listener net.Listener
	addr     string

	mu       sync.Mutex
	clock    time.Time
	keys     map[string]dars.PersonID // by login and fingerprint
	roots    map[dars.PersonID][]Entry
	contents map[string][]byte
	denied   map[string]string // why a path may not be read
	gone     map[dars.PersonID]string
	books    map[string]*book // by Download.ID
	trays    map[dars.PersonID]*memoryTray
	unready  error          // what Reserve answers
	unknown  error          // what SignIn answers
	visitors []dars.Visitor // it was asked about
	asked    func()         // when it has been
	panics   bool           // in everything the desk is asked
	reserved func(from int64)
	run      func(ctx context.Context, who dars.PersonID, argv []string, in io.Reader, out, errw io.Writer) int

	settled chan *book
}

// A book is what the ledger knows of one download.
type book struct {
	Download
	reserved, sent, confirmed dars.Ranges
	settled                   bool
}

const (
	alice dars.PersonID = "P-000001"
	bob   dars.PersonID = "P-000002"
)

// hostKeys are made once for all tests: RSA takes its time.
var hostKeys = sync.OnceValue(func() []ssh.Signer {
	dir, err := os.MkdirTemp("", "sftpd")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		panic(err)
	}
	defer root.Close()
	keys, err := HostKeys(root)
	if err != nil {
		panic(err)
	}
	return keys
})

// open opens an office and has it serve until the test ends.
func open(t *testing.T, change ...func(*office)) *office {
	t.Helper()
	o := &office{
		t:        t,
		clock:    time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		keys:     map[string]dars.PersonID{},
		roots:    map[dars.PersonID][]Entry{},
		contents: map[string][]byte{},
		denied:   map[string]string{},
		gone:     map[dars.PersonID]string{},
		books:    map[string]*book{},
		trays:    map[dars.PersonID]*memoryTray{},
		settled:  make(chan *book, 1000),
	}
	// The log of a server may write a last line when its test is over.
	log := slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	o.server = &Server{
		Desk: o, Ledger: o, Trays: o, HostKeys: hostKeys(), Log: log, Grace: time.Second,
		Now: func() time.Time {
			o.mu.Lock()
			defer o.mu.Unlock()
			return o.clock
		},
	}
	for _, do := range change {
		do(o)
	}
	if o.listener == nil {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		o.listener = ln
	}
	o.addr = o.listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- o.server.Serve(ctx, o.listener) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-served:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(2 * time.Minute):
			t.Error("Serve did not end")
		}
	})
	return o
}

// add puts a file into a person's root.
func (o *office) add(who dars.PersonID, e Entry, content []byte) Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	e.Size, e.Object = int64(len(content)), e.Path
	if e.Modified.IsZero() {
		e.Modified = o.clock
	}
	o.roots[who] = append(o.roots[who], e)
	o.contents[e.Object] = content
	return e
}

// file puts a counted file of some size into alice's root and returns its
// content.
func (o *office) file(name string, size int) []byte {
	content := make([]byte, size)
	rand.Read(content)
	o.add(alice, Entry{Path: "collect/DARS-NIC-000001-X0X0X-v1.0/REL-000001/data/" + name, File: dars.FileID(name), Release: "REL-000001"}, content)
	return content
}

func at(name string) string { return "/collect/DARS-NIC-000001-X0X0X-v1.0/REL-000001/data/" + name }

// later sets the clock on.
func (o *office) later(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clock = o.clock.Add(d)
}

// set changes something of the office while it serves.
func (o *office) set(do func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	do()
}

func (o *office) SignIn(_ context.Context, v dars.Visitor) (dars.PersonID, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.visitors = append(o.visitors, v)
	if o.asked != nil {
		defer o.asked()
	}
	if o.unknown != nil {
		return "", o.unknown
	}
	key := v.Key
	if v.Certificate != nil {
		key = v.Certificate.Authority
	}
	who, ok := o.keys[v.Login+" "+key]
	if !ok {
		return "", dars.Refuse("no-entry", "", "permission denied")
	}
	if why := o.gone[who]; why != "" {
		return "", dars.Refuse("revoked", who, "%s", why)
	}
	return who, nil
}

func (o *office) Root(_ context.Context, who dars.PersonID) ([]Entry, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.panics {
		panic("the desk is on fire")
	}
	return slices.Clone(o.roots[who]), nil
}

func (o *office) May(_ context.Context, _ dars.PersonID, _ dars.Visitor, e Entry) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if why := o.denied[e.Path]; why != "" {
		return dars.Refuse("no-access", e.Release, "%s", why)
	}
	return nil
}

func (o *office) Open(_ context.Context, _ dars.PersonID, e Entry) (Content, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	content, ok := o.contents[e.Object]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: "/srv/secret/" + e.Object, Err: fs.ErrInvalid}
	}
	return &memoryContent{bytes.NewReader(content), o, e}, nil
}

// A memoryContent is read only where the ledger knows of it.
type memoryContent struct {
	*bytes.Reader
	o *office
	e Entry
}

func (m *memoryContent) ReadAt(p []byte, off int64) (int, error) {
	if m.e.File != "" {
		m.o.mu.Lock()
		covered := false
		for _, b := range m.o.books {
			covered = covered || b.File == m.e.File && covers(b.reserved, dars.Range{From: off, To: off + int64(len(p))})
		}
		m.o.mu.Unlock()
		if !covered {
			m.o.t.Errorf("bytes [%d,%d) of %s were read before they were reserved", off, off+int64(len(p)), m.e.File)
		}
	}
	return m.Reader.ReadAt(p, off)
}

func (m *memoryContent) Close() error { return nil }

func (o *office) Run(ctx context.Context, who dars.PersonID, _ dars.Visitor, argv []string, in io.Reader, out, errw io.Writer) int {
	if o.run == nil {
		return 127
	}
	return o.run(ctx, who, argv, in, out, errw)
}

func (o *office) Reserve(_ context.Context, d Download, r dars.Range) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.unready != nil {
		return o.unready
	}
	if r.From%block != 0 || r.To > d.Size || r.To-r.From > block || r.From >= r.To {
		o.t.Errorf("reserved [%d,%d) of %d bytes", r.From, r.To, d.Size)
	}
	b := o.books[d.ID]
	if b == nil {
		b = &book{Download: d}
		o.books[d.ID] = b
	}
	if o.reserved != nil {
		o.reserved(r.From)
	}
	if len(b.reserved.Both(dars.Ranges{r})) > 0 {
		o.t.Errorf("[%d,%d) was reserved twice", r.From, r.To)
	}
	b.reserved = b.reserved.Add(r)
	return nil
}

func (o *office) Settle(_ context.Context, d Download, sent, confirmed dars.Ranges) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := o.books[d.ID]
	if b == nil {
		b = &book{Download: d}
		o.books[d.ID] = b
	}
	if b.settled {
		o.t.Errorf("%s was settled twice", d.ID)
	}
	if d.Closed.IsZero() {
		o.t.Errorf("%s was settled without being closed", d.ID)
	}
	if sent.Both(b.reserved).Bytes() != sent.Bytes() {
		o.t.Errorf("sent %v, and reserved only %v", sent, b.reserved)
	}
	if confirmed.Both(sent).Bytes() != confirmed.Bytes() {
		o.t.Errorf("confirmed %v, and sent only %v", confirmed, sent)
	}
	b.Download, b.sent, b.confirmed, b.settled = d, sent, confirmed, true
	o.settled <- b
	return nil
}

// settlement waits for the next download to be settled.
func (o *office) settlement() *book {
	o.t.Helper()
	select {
	case b := <-o.settled:
		return b
	case <-time.After(2 * time.Minute):
		o.t.Fatal("nothing was settled")
		return nil
	}
}

func (o *office) Tray(who dars.PersonID) Tray { return o.tray(who) }

func (o *office) tray(who dars.PersonID) *memoryTray {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.trays[who] == nil {
		o.trays[who] = &memoryTray{o: o, files: map[string]*memoryFile{}}
	}
	return o.trays[who]
}

type memoryTray struct {
	o     *office
	mu    sync.Mutex
	files map[string]*memoryFile
}

type memoryFile struct {
	content  []byte
	modified time.Time
	dir      bool
}

func (m *memoryTray) List() (all []Upload, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, f := range m.files {
		all = append(all, Upload{name, int64(len(f.content)), f.modified, f.dir})
	}
	slices.SortFunc(all, func(a, b Upload) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

func (m *memoryTray) Put(name string, content []byte, modified time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if strings.HasPrefix(path.Base(name), "refuse") {
		return dars.Refuse("full", name, "the tray is full")
	}
	m.files[name] = &memoryFile{slices.Clone(content), modified, false}
	return nil
}

func (m *memoryTray) Begin(from string) (Draft, error) {
	d := &memoryDraft{tray: m}
	if from != "" {
		content, err := m.Read(from)
		if err != nil {
			return nil, err
		}
		d.content = content
	}
	return d, nil
}

func (m *memoryTray) Touch(name string, modified time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[name] == nil {
		return fs.ErrNotExist
	}
	m.files[name].modified = modified
	return nil
}

func (m *memoryTray) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[from] == nil {
		return fs.ErrNotExist
	}
	for name, f := range m.files {
		if rest, in := strings.CutPrefix(name, from); in && (rest == "" || rest[0] == '/') {
			delete(m.files, name)
			m.files[to+rest] = f
		}
	}
	return nil
}

func (m *memoryTray) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[name] == nil {
		return fs.ErrNotExist
	}
	delete(m.files, name)
	return nil
}

func (m *memoryTray) Mkdir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[name] = &memoryFile{dir: true}
	return nil
}

func (m *memoryTray) Rmdir(name string) error { return m.Remove(name) }

func (m *memoryTray) Read(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[name] == nil {
		return nil, &fs.PathError{Op: "open", Path: "/srv/secret/" + name, Err: fs.ErrNotExist}
	}
	return slices.Clone(m.files[name].content), nil
}

// A memoryDraft knows of no gaps.
type memoryDraft struct {
	tray    *memoryTray
	mu      sync.Mutex
	content []byte
}

func (d *memoryDraft) WriteAt(p []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.content = append(d.content, make([]byte, max(off+int64(len(p))-int64(len(d.content)), 0))...)
	return copy(d.content[off:], p), nil
}

func (d *memoryDraft) Truncate(size int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.content = append(d.content, make([]byte, max(size-int64(len(d.content)), 0))...)[:size]
	return nil
}

func (d *memoryDraft) Size() int64            { return int64(len(d.content)) }
func (d *memoryDraft) Prefix() (int64, error) { return d.Size(), nil }
func (d *memoryDraft) Close() error           { return nil }
func (d *memoryDraft) Keep(name string, modified time.Time) error {
	return d.tray.Put(name, d.content, modified)
}

// A visitor is somebody who has signed in.
type visitor struct {
	*ssh.Client
	net net.Conn
}

// key makes a key that signs a person in.
func (o *office) key(login string, who dars.PersonID) (ed25519.PrivateKey, ssh.Signer) {
	o.t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		o.t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		o.t.Fatal(err)
	}
	o.set(func() { o.keys[login+" "+ssh.FingerprintSHA256(signer.PublicKey())] = who })
	return private, signer
}

// dial connects without saying anything yet.
func (o *office) dial() net.Conn {
	o.t.Helper()
	if m, ok := o.listener.(*memory); ok {
		return m.dial()
	}
	nc, err := net.Dial("tcp", o.addr)
	if err != nil {
		o.t.Fatal(err)
	}
	return nc
}

// visit signs somebody in, over a connection that a test may tamper with.
func (o *office) visit(who dars.PersonID, tamper ...func(net.Conn) net.Conn) *visitor {
	o.t.Helper()
	_, signer := o.key("login", who)
	nc := o.dial()
	for _, do := range tamper {
		nc = do(nc)
	}
	client, err := o.signIn(nc, "login", signer)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { client.Close() })
	return &visitor{client, nc}
}

func (o *office) signIn(nc net.Conn, login string, signer ssh.Signer) (*ssh.Client, error) {
	c, channels, requests, err := ssh.NewClientConn(nc, o.addr, &ssh.ClientConfig{
		User: login, Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, HostKeyCallback: ssh.FixedHostKey(hostKeys()[0].PublicKey()),
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
	})
	if err != nil {
		return nil, err
	}
	return ssh.NewClient(c, channels, requests), nil
}

// sftp begins an SFTP session, and collects what is said on stderr.
func (v *visitor) sftp(t *testing.T) (*sftp.Client, *shout) {
	t.Helper()
	session, err := v.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, err := session.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := session.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs, err := session.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := &shout{heard: make(chan struct{}, 100)}
	go io.Copy(said, errs)
	if err := session.RequestSubsystem("sftp"); err != nil {
		t.Fatal(err)
	}
	client, err := sftp.NewClientPipe(out, in)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client, said
}

// A shout collects what is written to it.
type shout struct {
	mu    sync.Mutex
	text  strings.Builder
	heard chan struct{}
}

func (s *shout) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	select {
	case s.heard <- struct{}{}:
	default:
	}
	return len(p), nil
}

// wait returns what was written, once something has been.
func (s *shout) wait(t *testing.T) string {
	t.Helper()
	select {
	case <-s.heard:
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing was said on stderr")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// code is the status that a client got.
func code(err error) uint32 {
	var status *sftp.StatusError
	switch {
	case errors.As(err, &status):
		return status.Code
	case errors.Is(err, fs.ErrNotExist):
		return 2
	case errors.Is(err, fs.ErrPermission):
		return 3
	}
	return 0
}

func whole(size int) dars.Ranges { return dars.Ranges{{From: 0, To: int64(size)}} }

func same(t *testing.T, what string, got, want dars.Ranges) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
