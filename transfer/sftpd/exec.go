package sftpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

const maxCommand = 4 << 10

// command carries out one command of a person who came over SSH. There is no
// shell: the line is cut into arguments and handed to the office.
func (c *conn) command(ctx context.Context, ch ssh.Channel, line string) int {
	if err := c.begin(); err != nil {
		fmt.Fprintln(ch.Stderr(), "darsd: "+err.Error())
		return 3
	}
	c.hears(ch, true)
	defer c.hears(ch, false)
	ctx, cancel := context.WithTimeout(ctx, c.server.limits().CommandTime)
	ended := make(chan int, 1)
	c.running.Go(func() {
		defer cancel()
		defer c.finish()
		turns := c.server.turns(c.who)
		select {
		case turns <- struct{}{}:
			defer func() { <-turns }()
			ended <- c.run(ctx, ch, line)
		case <-ctx.Done():
			ended <- 3
		}
	})
	select {
	case status := <-ended:
		return status
	case <-ctx.Done():
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return <-ended
	}
	// It holds its place until it has really ended. What it still reads and writes
	// fails when the channel is closed, for which the client is needed too.
	c.log.Warn("command ended: it took too long")
	patience := time.AfterFunc(holdClose, c.reset)
	defer patience.Stop()
	fmt.Fprintf(ch.Stderr(), "darsd: the command has taken %s and was ended; what it has done so far stands\n", c.server.limits().CommandTime)
	return 3
}

// hears notes that a command runs on a channel, whose client is to be told why if the
// office closes the connection meanwhile.
func (c *conn) hears(ch ssh.Channel, yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hearing[ch] = yes; !yes {
		delete(c.hearing, ch)
	}
}

func (c *conn) run(ctx context.Context, ch ssh.Channel, line string) (status int) {
	errw := ch.Stderr()
	defer func() {
		if fault := recover(); fault != nil {
			c.log.Error("panic", "act", "command", "panic", fault, "stack", string(debug.Stack()))
			fmt.Fprintln(errw, "darsd: a fault in the program; nothing is known to have been done")
			status = 3
		}
	}()
	argv, err := split(line)
	if err != nil {
		fmt.Fprintln(errw, "darsd: "+err.Error())
		return 2
	}
	word := "(shell)"
	if len(argv) > 0 {
		word = dars.Countable(argv[0]) // it is logged, and what is no command of ours may be a patient's number
	}
	if word == "scp" {
		// What scp spoke before SFTP is not spoken here. It takes a byte 2 for an
		// error that ends all, and prints the line; pscp, if it is told nothing,
		// thinks that it has been served.
		fmt.Fprint(ch, "\x02darsd: files are copied by SFTP here: scp without -O, pscp with -sftp\n")
		return 1
	}
	status = c.server.Desk.Run(ctx, c.who, c.visitor, argv, input{ch}, ch, errw)
	c.forgetTree() // it may have changed what is in it
	c.log.Info("command", "word", word, "status", status)
	return status
}

// An input is what a client sends along with a command. The library says of a
// line that has broken off what it says of an end that the client has come to; so at
// the end the client is asked whether it is there (see prove), and half a list or form
// is never taken for the whole.
type input struct{ ch ssh.Channel }

func (i input) Read(p []byte) (int, error) {
	n, err := i.ch.Read(p)
	if err == io.EOF && n == 0 {
		if _, gone := i.ch.SendRequest("keepalive@openssh.com", true, nil); gone != nil {
			return 0, io.ErrUnexpectedEOF
		}
	}
	return n, err
}

// split cuts a line into arguments as a POSIX shell does: at spaces, with
// backslash, '…' and "…". Nothing else means anything: no variable, no pattern,
// no second command. An empty line is nil.
func split(line string) (argv []string, err error) {
	if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
		return nil, errors.New("a command is one line of UTF-8 text")
	}
	var word strings.Builder
	begun := false
	for rest := line; rest != ""; {
		c := rest[0]
		rest = rest[1:]
		switch c {
		case ' ', '\t':
			if begun {
				argv = append(argv, word.String())
				word.Reset()
				begun = false
			}
			continue
		case '\\':
			if rest == "" {
				return nil, errors.New("nothing follows the last backslash")
			}
			word.WriteByte(rest[0])
			rest = rest[1:]
		case '\'':
			text, after, closed := strings.Cut(rest, "'")
			if !closed {
				return nil, errors.New("a ' has no second one")
			}
			word.WriteString(text)
			rest = after
		case '"':
			after, closed := quoted(&word, rest)
			if !closed {
				return nil, errors.New(`a " has no second one`)
			}
			rest = after
		default:
			word.WriteByte(c)
		}
		begun = true
	}
	if begun {
		argv = append(argv, word.String())
	}
	return argv, nil
}

// quoted reads to the closing quotation mark. A backslash stands for itself
// here, but before what it keeps from meaning something to a shell.
func quoted(word *strings.Builder, text string) (after string, closed bool) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return text[i+1:], true
		case c == '\\' && i+1 < len(text) && strings.IndexByte("\\\"$`", text[i+1]) >= 0:
			i++
			word.WriteByte(text[i])
		default:
			word.WriteByte(c)
		}
	}
	return "", false
}
