package vault

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
)

// A Source says where the office's master identity comes from. Its zero value is
// the vault's own keys/office.age, which is made with the vault; what comes from
// anywhere else, the vault never makes.
type Source struct {
	Kind  Kind
	Name  string        // the file, the credential, or the program
	Args  []string      // of the program
	Limit time.Duration // how long the program may take; half a minute when 0
}

// A Kind of source.
type Kind string

// The kinds, by the words that configurations begin with.
const (
	FromKeys       Kind = ""           // keys/office.age
	FromFile       Kind = "file"       // a file elsewhere, such as on a stick or a share
	FromCredential Kind = "credential" // of systemd: LoadCredential= or LoadCredentialEncrypted=
	FromCommand    Kind = "command"    // whose standard output it is: a password manager, or a program that asks an HSM
)

const commandLimit = 30 * time.Second

// ParseSource reads a setting: "" for the vault's own, file:PATH (relative to
// the data directory), credential:NAME, or command:/PROGRAM ARGUMENT….
func ParseSource(setting string) (Source, error) {
	if setting == "" {
		return Source{}, nil
	}
	kind, rest, ok := strings.Cut(setting, ":")
	rest = strings.TrimSpace(rest)
	s := Source{Kind: Kind(kind), Name: rest}
	switch {
	case strings.Contains(setting, "AGE-SECRET-KEY"):
		return Source{}, errors.New("the identity itself stands in the configuration: keep it in a file and write file:PATH; as others may have read it, rotate it")
	case !ok:
		return Source{}, fmt.Errorf("%q is not file:PATH, credential:NAME or command:/PROGRAM; leave it empty for keys/%s", setting, masterKey)
	case s.Kind == FromFile && rest == "":
		return Source{}, errors.New("file: is to be followed by the file's name, such as file:/media/stick/office.age")
	case s.Kind == FromFile && filepath.Clean(rest) == filepath.Join("keys", masterKey):
		return Source{}, nil
	case s.Kind == FromFile:
		return s, nil
	case s.Kind == FromCredential && (rest == "" || rest == "." || rest == ".." || strings.ContainsAny(rest, "/ ")):
		return Source{}, fmt.Errorf("credential:%s is no name of a systemd credential, such as credential:darsd-master", rest)
	case s.Kind == FromCredential:
		return s, nil
	case s.Kind == FromCommand && !filepath.IsAbs(rest):
		return Source{}, fmt.Errorf("command:%s does not begin with the whole path of a program, such as command:/usr/local/bin/office-key", rest)
	case s.Kind == FromCommand && strings.ContainsAny(rest, "\"'`$|;&<>\\"):
		return Source{}, errors.New("command: is run without a shell, so quotes, $ and | mean nothing in it: put the line into a script, and name the script")
	case s.Kind == FromCommand:
		words := strings.Fields(rest)
		s.Name, s.Args = words[0], words[1:]
		return s, nil
	}
	return Source{}, fmt.Errorf("%s: is no source: there are file:PATH, credential:NAME and command:/PROGRAM", kind)
}

// String names the source, without the arguments of a program.
func (s Source) String() string {
	if s.Kind == FromKeys {
		return "keys/" + masterKey
	}
	return string(s.Kind) + ":" + s.Name
}

// identity fetches the identity. What the source gave stands in no error, as
// errors are logged; so what age says of it is not repeated either.
func (s Source) identity(data *os.Root) (*age.X25519Identity, error) {
	var text []byte
	var err error
	switch s.Kind {
	case FromFile:
		text, err = s.file(data)
	case FromCredential:
		text, err = s.credential()
	case FromCommand:
		text, err = s.output()
	default:
		err = errors.New("there is no such kind of source")
	}
	if err != nil {
		return nil, fmt.Errorf("master identity from %s: %w", s, err)
	}
	id := parseMaster(text)
	if id == nil {
		return nil, fmt.Errorf("master identity from %s: what it gives is not one X25519 identity of age, a line that begins with AGE-SECRET-KEY-1", s)
	}
	return id, nil
}

// parseMaster returns nil for what is not exactly one identity.
func parseMaster(text []byte) *age.X25519Identity {
	ids, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil || len(ids) != 1 {
		return nil
	}
	id, _ := ids[0].(*age.X25519Identity)
	return id
}

func (s Source) file(data *os.Root) ([]byte, error) {
	root, name := data, filepath.Clean(s.Name)
	if filepath.IsAbs(name) {
		dir, err := os.OpenRoot(filepath.Dir(name))
		if err != nil {
			return nil, err
		}
		defer dir.Close()
		root, name = dir, filepath.Base(name)
	}
	return readKey(root, name)
}

// credential reads what systemd has put there for this service. Its mode is not
// looked at: systemd shows the bits of an access list there.
func (s Source) credential() ([]byte, error) {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return nil, fmt.Errorf("systemd has handed over no credentials: the service needs LoadCredential=%s:PATH, and a command by hand needs systemd-run with the same", s.Name)
	}
	text, err := os.ReadFile(filepath.Join(dir, s.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("systemd has handed over other credentials and not this one: the service needs LoadCredential=%s:PATH (%w)", s.Name, err)
	}
	return text, err
}

// output runs the program once. What it prints is for nobody else: not even its
// standard error is shown, as some tools print there what they were to keep.
func (s Source) output() ([]byte, error) {
	limit := cmp.Or(s.Limit, commandLimit)
	ctx, stop := context.WithTimeout(context.Background(), limit)
	defer stop()
	out := &bounded{left: 64 << 10}
	c := exec.CommandContext(ctx, s.Name, s.Args...)
	c.Stdout = out
	c.WaitDelay = time.Second // what it leaves in the background may hold its output open
	switch err := c.Run(); {
	case err == nil || errors.Is(err, exec.ErrWaitDelay): // it ended well, and has left something in the background
		return out.text, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("the program took longer than %s and was stopped", limit)
	default:
		return nil, fmt.Errorf("the program ended with an error: run it by hand to see what it says (%w)", err)
	}
}

// bounded keeps what a program prints, up to a limit. (A bytes.Buffer inside it
// would lend it ReadFrom, which knows no limit.)
type bounded struct {
	text []byte
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errors.New("it prints too much for a key")
	}
	b.text = append(b.text, p...)
	return len(p), nil
}
