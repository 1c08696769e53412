package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A browser is a Chromium that stays, and is asked through a pair of pipes (Chrome
// DevTools Protocol, --remote-debugging-pipe).
type browser struct {
	cmd     *exec.Cmd
	ask     io.WriteCloser
	answers *bufio.Reader
	session string
	asked   int
}

// A message is what goes either way; a zero byte ends it.
type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

// warmChromium loads a page and prints it, again and again, in one Chromium.
func warmChromium(ctx context.Context, page, dir string, papers int) (m run, err error) {
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	defer stop()
	b, err := startBrowser(ctx, dir)
	if err != nil {
		return m, err
	}
	var all []run
	for range papers + 2 {
		begun := time.Now()
		if err = b.print(page, filepath.Join(dir, "warm.pdf")); err != nil {
			break
		}
		all = append(all, run{wall: time.Since(begun)})
	}
	_, closed := b.do("Browser.close", nil, nil)
	b.ask.Close()
	if err = errors.Join(err, closed, b.cmd.Wait()); err != nil {
		return m, err
	}
	m = used(b.cmd.ProcessState)
	m.cpu /= time.Duration(len(all)) // with its start
	m.wall = median(all[2:]).wall
	return m, nil
}

func startBrowser(ctx context.Context, dir string) (b *browser, err error) {
	program, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	theirs, ask, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	answers, say, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	b = &browser{cmd: exec.CommandContext(ctx, program, append(headless(dir), "--remote-debugging-pipe")...), ask: ask, answers: bufio.NewReader(answers)}
	b.cmd.ExtraFiles = []*os.File{theirs, say} // 3 and 4
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	theirs.Close()
	say.Close()
	var target struct{ TargetID, SessionID string }
	if _, err := b.do("Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		return nil, err
	}
	if _, err := b.do("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target); err != nil {
		return nil, err
	}
	b.session = target.SessionID
	_, err = b.do("Page.enable", nil, nil)
	return b, err
}

// print loads a page and writes it as a PDF.
func (b *browser) print(page, out string) error {
	loaded, err := b.do("Page.navigate", map[string]any{"url": "file://" + page}, nil)
	for err == nil && !loaded {
		var m message
		m, err = b.next()
		loaded = m.Method == "Page.loadEventFired"
	}
	if err != nil {
		return err
	}
	var printed struct{ Data string }
	if _, err := b.do("Page.printToPDF", map[string]any{"preferCSSPageSize": true, "printBackground": true, "generateTaggedPDF": true}, &printed); err != nil {
		return err
	}
	pdf, err := base64.StdEncoding.DecodeString(printed.Data)
	if err != nil {
		return err
	}
	return os.WriteFile(out, pdf, 0o600)
}

// do asks for something and waits for the answer; loaded reports whether the page was
// loaded meanwhile.
func (b *browser) do(method string, params, answer any) (loaded bool, err error) {
	b.asked++
	if params == nil {
		params = struct{}{}
	}
	text, err := json.Marshal(message{ID: b.asked, Session: b.session, Method: method, Params: params})
	if err != nil {
		return false, err
	}
	if method == "Browser.close" {
		text, _ = json.Marshal(message{ID: b.asked, Method: method})
	}
	if _, err := b.ask.Write(append(text, 0)); err != nil {
		return false, err
	}
	for {
		m, err := b.next()
		switch {
		case err != nil:
			return loaded, err
		case m.Method == "Page.loadEventFired":
			loaded = true
		case m.ID == b.asked && m.Error != nil:
			return loaded, fmt.Errorf("%s: %s", method, m.Error)
		case m.ID == b.asked && answer != nil:
			return loaded, json.Unmarshal(m.Result, answer)
		case m.ID == b.asked:
			return loaded, nil
		}
	}
}

func (b *browser) next() (m message, err error) {
	text, err := b.answers.ReadBytes(0)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text[:len(text)-1], &m)
}
