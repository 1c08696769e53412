package main

import (
	"bufio"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"strings"
	"sync"
	"testing"

	"darsd/office"
)

// A mailServer is a mail server that misbehaves as it is told.
type mailServer struct {
	net.Listener
	mu     sync.Mutex
	says   map[string]string // in place of a yes: by the beginning of a command
	loses  int               // letters that it has before it cuts the line
	got    []string          // Message-IDs, in the order in which letters came
	to     map[string]string // whom each was for
	served sync.WaitGroup
}

func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailServer{Listener: l, says: map[string]string{}, to: map[string]string{}}
	m.served.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			m.served.Go(func() {
				defer c.Close()
				m.serve(c)
			})
		}
	})
	t.Cleanup(func() { l.Close(); m.served.Wait() })
	return m
}

// turns changes how it behaves.
func (m *mailServer) turns(loses int, says map[string]string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loses, m.says = loses, says
}

func (m *mailServer) came() (ids []string, to map[string]string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	to = map[string]string{}
	for id, who := range m.to {
		to[id] = who
	}
	return append(ids, m.got...), to
}

func (m *mailServer) serve(c net.Conn) {
	in := bufio.NewReader(c)
	fmt.Fprint(c, "220 here\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		if no := m.no(line); no != "" {
			fmt.Fprint(c, no+"\r\n")
			continue
		}
		switch {
		case line == "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		case line != "DATA":
			fmt.Fprint(c, "250 yes\r\n")
			continue
		}
		fmt.Fprint(c, "354 go on\r\n")
		if !m.take(in) {
			return
		}
		fmt.Fprint(c, "250 kept\r\n")
	}
}

func (m *mailServer) no(line string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for begins, no := range m.says {
		if strings.HasPrefix(line, begins) {
			return no
		}
	}
	return ""
}

// take takes a letter, and reports whether it says so.
func (m *mailServer) take(in *bufio.Reader) bool {
	var text strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		text.WriteString(strings.TrimPrefix(line, "."))
	}
	letter, err := netmail.ReadMessage(strings.NewReader(text.String()))
	if err != nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	id := letter.Header.Get("Message-Id")
	m.got = append(m.got, id)
	m.to[id] = letter.Header.Get("To")
	m.loses--
	return m.loses < 0
}

// A mail server says later, cuts the line before it has answered, does not know one
// of the readers; the daemon is ended and started between. In the end each reader has
// each letter under one name, once for each time that nobody knew whether it had come.
func TestEachLetterArrives(t *testing.T) {
	d := begin(t, "founded")
	server := newMailServer(t)
	text := d.readIn(t, "office/darsd.yaml")
	settings := strings.Replace(string(text), "\nmail:", "\nmail-before:", 1) + fmt.Sprintf("\nmail:\n  smtp: %q\n  from: office@example.org\n", server.Addr())
	if strings.Contains(string(text), "\nmail:") {
		t.Fatal("the prepared office has settings of its own for mail")
	}
	d.write(t, "office/darsd.yaml", []byte(settings))

	server.turns(0, map[string]string{"RCPT": "451 later"})
	before := d.waiting(t)
	d.ask(t, "--as", "amir", "--at", "2016-02-04T09:00", "audit", "open", "8D101", "--trigger", "ROUTINE")
	waits := d.waiting(t)
	if len(waits) <= len(before) || waits[0].Tries != 1 || !strings.Contains(waits[0].Failed, "451") || waits[0].Next == nil {
		t.Fatalf("there wait %+v", waits)
	}
	if said := d.ask(t, "--as", "olive", "mail", "show", waits[0].ID); !strings.Contains(said, "451") || !strings.Contains(said, waits[0].Address) {
		t.Errorf("it says\n%s", said)
	}
	if out, _, _ := asked(t.Context(), "--data", d.path("office"), "doctor"); !strings.Contains(out, "letters wait, the oldest since 2016-02-04 09:00") {
		t.Errorf("the doctor says\n%s", out)
	}

	// One is lost with the line, and nobody knows it.
	server.turns(1, nil)
	d.ask(t, "--as", "olive", "mail", "retry", waits[0].ID)
	if left := d.waiting(t); len(left) != len(waits) {
		t.Fatalf("there wait %+v", left)
	}
	d.ask(t, "--as", "olive", "mail", "retry")
	b, err := d.serve()
	if err != nil {
		t.Fatal(err)
	}
	err = until("the end of the queue", func() bool { return len(d.waiting(t)) == 0 })
	if err := b.stop(); err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	got, to := server.came()
	if len(got) != len(waits)+1 || len(to) != len(waits) {
		t.Errorf("%d letters came under %d names, and %d were written: %v", len(got), len(to), len(waits), got)
	}
	for _, l := range waits {
		if who := to["<"+l.ID+"@example.org>"]; who != "<"+l.Address+">" {
			t.Errorf("%s is for %s, and came to %s", l.ID, l.Address, who)
		}
	}

	// One that is refused is kept, and the operator is told.
	server.turns(0, map[string]string{"RCPT": "550 nobody of that name"})
	d.ask(t, "--as", "amir", "--at", "2016-02-05T09:00", "audit", "open", "8D202", "--trigger", "ROUTINE")
	refused := d.waiting(t)
	if len(refused) != len(waits) || refused[0].State != office.LetterRefused {
		t.Fatalf("there wait %+v", refused)
	}
	out, _, status := asked(t.Context(), "--data", d.path("office"), "doctor")
	if status == done || !strings.Contains(out, "letters were refused by a mail server and are kept") {
		t.Errorf("the doctor says %d\n%s", status, out)
	}
	if todo := d.ask(t, "--as", "olive", "todo"); !strings.Contains(todo, "darsd mail show "+refused[0].ID) {
		t.Errorf("the operator is told\n%s", todo)
	}
}

// waiting is the queue of letters.
func (d *stage) waiting(t *testing.T) []office.Waiting {
	t.Helper()
	var list struct{ Items []office.Waiting }
	d.into(t, &list, "--as", "olive", "mail", "list")
	return list.Items
}

func TestCredentials(t *testing.T) {
	tests := map[string]struct {
		text string
		mode os.FileMode
		says string
	}{
		"two lines":         {"desk\ns3cret: with spaces\n", 0o600, ""},
		"of Windows":        {"desk\r\ns3cret: with spaces\r\n", 0o400, ""},
		"read by others":    {"desk\ns3cret\n", 0o640, "can be read by others"},
		"one line":          {"desk s3cret\n", 0o600, "does not have two lines"},
		"three lines":       {"desk\ns3cret\nmore\n", 0o600, "does not have two lines"},
		"an empty password": {"desk\n\n", 0o600, "does not have two lines"},
		"nothing":           {"", 0o600, "does not have two lines"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			file := t.TempDir() + "/credentials"
			if err := os.WriteFile(file, []byte(tt.text), tt.mode); err != nil {
				t.Fatal(err)
			}
			user, password, err := credentials(file)
			if tt.says == "" {
				if err != nil || user != "desk" || password != "s3cret: with spaces" {
					t.Errorf("%q, %q, %v", user, password, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("it says %v", err)
			}
		})
	}
	if _, _, err := credentials("/nowhere/credentials"); err == nil {
		t.Error("read from nowhere")
	}
}
