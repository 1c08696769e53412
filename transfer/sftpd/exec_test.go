package sftpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// An outcome is what a command over SSH came to.
type outcome struct {
	stdout, stderr string
	status         int
}

// exec runs a command; none is a shell.
func (v *visitor) exec(t *testing.T, line, in string) (o outcome) {
	t.Helper()
	session, err := v.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	var out, errw strings.Builder
	session.Stdin, session.Stdout, session.Stderr = strings.NewReader(in), &out, &errw
	if line == "" {
		if err = session.Shell(); err == nil {
			err = session.Wait()
		}
	} else {
		err = session.Run(line)
	}
	var exit *ssh.ExitError
	if errors.As(err, &exit) {
		o.status = exit.ExitStatus()
	} else if err != nil && err != io.EOF { // EOF: the command did not want all of in
		t.Fatal(err)
	}
	o.stdout, o.stderr = out.String(), errw.String()
	return o
}

func TestCommandsOverSSH(t *testing.T) {
	o := open(t, func(o *office) {
		o.run = func(_ context.Context, who dars.PersonID, argv []string, in io.Reader, out, errw io.Writer) int {
			if argv == nil {
				fmt.Fprint(out, "what you can do here")
				return 0
			}
			text, _ := io.ReadAll(in)
			fmt.Fprintf(out, "%s %q %s", who, argv, text)
			fmt.Fprint(errw, "and this")
			return 7
		}
	})
	v := o.visit(alice)
	for line, want := range map[string]outcome{
		`application submit - --json`: {`P-000001 ["application" "submit" "-" "--json"] stdin`, "and this", 7},
		`md5sum /collect/a\ b\'c.txt`: {`P-000001 ["md5sum" "/collect/a b'c.txt"] stdin`, "and this", 7},
		`todo; rm -rf $HOME`:          {`P-000001 ["todo;" "rm" "-rf" "$HOME"] stdin`, "and this", 7},
		"":                            {"what you can do here", "", 0},
		`say "half`:                   {"", "darsd: a \" has no second one\n", 2},
		"two\nlines":                  {"", "darsd: a command is one line of UTF-8 text\n", 2},
	} {
		if got := v.exec(t, line, "stdin"); got != want {
			t.Errorf("%q: %+v, want %+v", line, got, want)
		}
	}
	session, err := v.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Start(strings.Repeat("x", maxCommand)); err == nil {
		t.Error("a command of 4 KiB was taken")
	}
}

// What a client sends along with a command has come to its end when the client says so,
// and not when the line breaks off, or the client is shut out.
func TestBrokenInputIsNeverTakenForAWholeOne(t *testing.T) {
	ends := map[string]func(*office, *visitor, ssh.Channel) error{
		"":                    func(_ *office, _ *visitor, ch ssh.Channel) error { return ch.CloseWrite() },
		"the line breaks off": func(_ *office, v *visitor, _ ssh.Channel) error { return v.Close() },
		"the client gives up": func(_ *office, _ *visitor, ch ssh.Channel) error { return ch.Close() },
		"the client's key is revoked": func(o *office, _ *visitor, _ ssh.Channel) error {
			o.set(func() { o.gone[alice] = "revoked" })
			o.server.Recheck()
			return nil
		},
	}
	for why, end := range ends {
		t.Run(why, func(t *testing.T) {
			read, begun := make(chan error, 1), make(chan bool)
			o := open(t, func(o *office) {
				o.run = func(_ context.Context, _ dars.PersonID, _ []string, in io.Reader, _, _ io.Writer) int {
					if _, err := io.ReadFull(in, make([]byte, 4)); err != nil {
						t.Error(err)
					}
					close(begun)
					_, err := io.ReadAll(in)
					read <- err
					return 0
				}
			})
			v := o.visit(alice)
			ch, requests, err := v.OpenChannel("session", nil)
			if err != nil {
				t.Fatal(err)
			}
			go ssh.DiscardRequests(requests)
			if ok, err := ch.SendRequest("exec", true, ssh.Marshal(struct{ Line string }{"cohort submit -"})); !ok || err != nil {
				t.Fatal(ok, err)
			}
			if _, err := io.WriteString(ch, "half of it"); err != nil {
				t.Fatal(err)
			}
			<-begun
			if err := end(o, v, ch); err != nil {
				t.Error(err)
			}
			if err := <-read; (err == nil) != (why == "") {
				t.Errorf("the command has read its input to the end: %v", err)
			}
		})
	}
}

func TestOnlySFTPAndCommandsAreServed(t *testing.T) {
	o := open(t)
	v := o.visit(alice)
	for _, kind := range []string{"direct-tcpip", "x11", "auth-agent@openssh.com"} {
		if _, _, err := v.OpenChannel(kind, []byte{0}); err == nil {
			t.Errorf("a channel %s was opened", kind)
		}
	}
	if ok, _, _ := v.SendRequest("tcpip-forward", true, ssh.Marshal(struct {
		Host string
		Port uint32
	}{"", 0})); ok {
		t.Error("a port is forwarded")
	}
	ch, requests, err := v.OpenChannel("session", nil)
	if err != nil {
		t.Fatal(err)
	}
	go ssh.DiscardRequests(requests)
	for _, kind := range []string{"pty-req", "env", "x11-req", "auth-agent-req@openssh.com", "subsystem", "exec", "nonsense"} {
		for _, payload := range []string{"", "\x00", "\x00\x00\x00\xff", "\x00\x00\x00\x02sh", strings.Repeat("\xff", 5000)} {
			if ok, err := ch.SendRequest(kind, true, []byte(payload)); ok && !(kind == "exec" && payload == "\x00\x00\x00\x02sh") || err != nil && err != io.EOF {
				t.Errorf("%s %.10q: %v, %v", kind, payload, ok, err)
			}
		}
	}
	if _, err := o.visit(alice).NewSession(); err != nil {
		t.Error("the server did not live through it:", err)
	}
}

func TestChannelsAreLimited(t *testing.T) {
	o := open(t)
	v := o.visit(alice)
	var first ssh.Channel
	for i := range (Limits{}).orDefault().Channels {
		ch, requests, err := v.OpenChannel("session", nil)
		if err != nil {
			t.Fatal(err)
		}
		go ssh.DiscardRequests(requests)
		if i == 0 {
			first = ch
		}
	}
	if _, _, err := v.OpenChannel("session", nil); err == nil {
		t.Error("one more was opened")
	}
	first.Close()
	for began := time.Now(); time.Since(began) < 5*time.Second; {
		if _, _, err := v.OpenChannel("session", nil); err == nil {
			return
		}
	}
	t.Error("one instead was not")
}

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		``:                           nil,
		"  \t ":                      nil,
		`a b  c`:                     {"a", "b", "c"},
		`'a b' "c d" e\ f`:           {"a b", "c d", "e f"},
		`a''b "" c`:                  {"ab", "", "c"},
		`"\$x \"y\" \z \\"`:          {`$x "y" \z \`},
		`'\'`:                        {`\`},
		`echo ${ShellId}%ComSpec%`:   {"echo", "${ShellId}%ComSpec%"},
		`md5sum a\ b\'c.txt`:         {"md5sum", "a b'c.txt"},
		`note REF "it's" 'he "said'`: {"note", "REF", "it's", `he "said`},
	} {
		if got, err := split(line); err != nil || !slices.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
	for _, line := range []string{`'`, `a "b`, `a\`, "a\x00", "a\nb", "\xff"} {
		if got, err := split(line); err == nil {
			t.Errorf("%q: %q", line, got)
		}
	}
}

// However an argument is quoted, it comes out as it went in.
func FuzzSplit(f *testing.F) {
	f.Add(`a 'b`, "c\\d \"e")
	f.Add(``, "\x00")
	f.Fuzz(func(t *testing.T, one, two string) {
		split(one)
		for _, arg := range []string{one, two} {
			if !utf8.ValidString(arg) || strings.ContainsFunc(arg, unicode.IsControl) {
				return // no quoting would help
			}
		}
		single := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
		double := func(s string) string {
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(s) + `"`
		}
		plain := func(s string) string {
			var b strings.Builder
			for _, r := range s {
				b.WriteByte('\\')
				b.WriteRune(r)
			}
			return b.String()
		}
		for _, quote := range []func(string) string{single, double, plain} {
			if quote(one) == "" || quote(two) == "" {
				continue
			}
			line := quote(one) + "  " + quote(two)
			if got, err := split(line); err != nil || !slices.Equal(got, []string{one, two}) {
				t.Errorf("%s: %q, %v", line, got, err)
			}
		}
	})
}
