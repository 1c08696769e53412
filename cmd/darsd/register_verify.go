package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
	"darsd/register"
	"darsd/store"
)

// A heldRegister is what came of holding a published register against what the office
// has signed, or against its log.
type heldRegister struct {
	register.Held
	Against string   `json:"against"` // checkpoint or log
	At      string   `json:"at,omitempty"`
	Altered []string `json:"altered"` // rows that the office's own database says otherwise than its log
	Gone    []string `json:"gone"`    // rows that the log has and the database has not
	Log     []string `json:"log"`     // what of the log itself was altered, line by line
}

// asPublished reports whether nothing at all differs.
func (v heldRegister) asPublished() bool {
	return v.Good() && len(v.Altered)+len(v.Gone)+len(v.Log) == 0
}

func verifyRegisterCommand(s *session) *cobra.Command {
	var key, checkpoint, sums string
	c := &cobra.Command{Use: "verify FILE_OR_URL", Short: "say whether a register is what was published", Args: exactly(1), RunE: func(cmd *cobra.Command, args []string) error {
		if s.person != nil {
			return misuse{fmt.Errorf("register verify looks at files on your own machine: run it there")}
		}
		c := &call{env: s.env, json: s.json, s: s, ctx: cmd.Context()}
		if s.hasOffice() {
			here, err := s.open(cmd.Context(), nil)
			if err != nil {
				return err
			}
			c = here
		}
		return c.verifyRegister(args[0], key, checkpoint, sums)
	}}
	c.Flags().StringVar(&key, "key", "", "the office's public key, as it is published: office.pub")
	c.Flags().StringVar(&checkpoint, "checkpoint", "", "the checkpoint that was signed with the publication")
	c.Flags().StringVar(&sums, "sums", "", "the sums that it names: register.sums")
	c.Long = `Hold a register, in the national layout (CSV or XLSX), against what was
published, and name the rows that differ. Of an address on the web, its
checkpoint and its sums are fetched from beside it. Of a file they are given, or
the office's own log says what was published.`
	return c
}

func (c *call) verifyRegister(what, keyFile, checkpointFile, sumsFile string) error {
	key, err := c.registerKey(keyFile)
	if err != nil {
		return err
	}
	content, err := brought(c.ctx, what, "")
	if err != nil {
		return err
	}
	f, err := register.Open(nameOf(what), bytes.NewReader(content))
	if err != nil {
		return dars.Refuse("unreadable", what, "%v", err)
	}
	v := heldRegister{Altered: []string{}, Gone: []string{}, Log: []string{}}
	var sums []byte
	switch {
	case isAddress(what) || checkpointFile != "" && sumsFile != "":
		if sums, v.At, err = signedSums(c.ctx, what, checkpointFile, sumsFile, key); err != nil {
			return err
		}
		v.Against = "checkpoint"
	case c.house == nil || checkpointFile != "" || sumsFile != "":
		return misuse{fmt.Errorf("say what to hold %s against: --checkpoint and --sums, as they were published with it, and --key", what)}
	default:
		if sums, err = c.loggedSums(&v); err != nil {
			return err
		}
		v.Against = "log"
	}
	if v.Held, err = register.Against(f, sums); err != nil {
		return dars.Refuse("no-register", what, "%v", err)
	}
	return c.tellRegister(what, v)
}

// registerKey is the key that is given, or else that of the office here.
func (c *call) registerKey(file string) (ed25519.PublicKey, error) {
	key, err := readOfficeKey(file)
	if err == nil && key == nil && c.house != nil {
		key = c.vault.SigningKey().Public().(ed25519.PublicKey)
	}
	return key, err
}

// signedSums are those that were published, if the office's key has signed them.
func signedSums(ctx context.Context, what, checkpointFile, sumsFile string, key ed25519.PublicKey) (sums []byte, at string, err error) {
	if key == nil {
		return nil, "", misuse{fmt.Errorf("say with --key with which key the office signs: its office.pub, from somewhere that you trust")}
	}
	text, err := brought(ctx, what, checkpointFile, "checkpoint")
	if err != nil {
		return nil, "", err
	}
	c, err := store.OpenCheckpoint(text, key)
	if err != nil {
		return nil, "", dars.Refuse("bad-checkpoint", what, "the checkpoint cannot be relied on: %v", err)
	}
	if sums, err = brought(ctx, what, sumsFile, "register.sums"); err != nil {
		return nil, "", err
	}
	if c.Register == nil || c.Register.SHA256 != register.SumOfSums(sums) {
		return nil, "", dars.Refuse("bad-sums", what, "the sums of the register are not those that the office has signed")
	}
	return sums, c.At.Format(time.RFC3339), nil
}

// loggedSums are those of the register as the log says it. What the database says
// otherwise is named, and what of the log itself was altered: somebody who can write to
// the one can write to the other.
func (c *call) loggedSums(v *heldRegister) (sums []byte, err error) {
	public := office.Public{Office: c.Office}
	logged, err := public.Logged(c.ctx)
	if err != nil {
		return nil, err
	}
	stored, err := public.Register(c.ctx)
	if err != nil {
		return nil, err
	}
	sums = register.Sums(logged)
	v.Altered, v.Gone = apart(sums, register.Sums(stored))
	signed, wrong, err := c.checkpoints(c.ctx)
	if err != nil {
		return nil, err
	}
	_, more, err := c.heldLog(signed)
	for _, line := range append(wrong, more...) {
		if !isOfNoun(line) {
			v.Log = append(v.Log, line)
		}
	}
	return sums, err
}

// isOfNoun reports whether a line of log verify is about how one noun is stored: of those
// in the register the row is named.
func isOfNoun(line string) bool {
	for kind := range dars.Nouns {
		if strings.HasPrefix(line, kind+" ") {
			return true
		}
	}
	return false
}

// apart are the rows that some sums say otherwise than the log's, and those that only the
// log has.
func apart(logged, stored []byte) (altered, gone []string) {
	altered, gone = []string{}, []string{}
	left := map[string]int{} // lines of the log's that are not met yet
	for line := range strings.Lines(string(logged)) {
		left[line]++
	}
	other := map[string]bool{}
	for line := range strings.Lines(string(stored)) {
		if left[line] > 0 {
			left[line]--
			continue
		}
		_, id, _ := strings.Cut(strings.TrimSpace(line), "  ")
		altered, other[id] = append(altered, id), true
	}
	for line, n := range left {
		if _, id, _ := strings.Cut(strings.TrimSpace(line), "  "); n > 0 && !other[id] {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	return altered, gone
}

func (c *call) tellRegister(what string, v heldRegister) error {
	by := "what its log says"
	if v.Against == "checkpoint" {
		by = "what the office signed for " + v.At
	}
	if v.asPublished() {
		return c.say(v, "%s is as it was published: %d rows, against %s", what, v.Rows, by)
	}
	if c.json {
		c.print(v)
	} else {
		for _, one := range []struct {
			rows []string
			says string
		}{{v.Differs, "differs from what was published, or never was"}, {v.Missing, "was published, and is not in it"}, {v.Twice, "stands in it more often than it was published"}, {v.Altered, "is stored otherwise than the log says"}, {v.Gone, "is in the log, and is not stored"}, {v.Log, "(the log itself)"}} {
			slices.Sort(one.rows)
			for _, row := range one.rows {
				fmt.Fprintln(c.env.stdout, dars.Legible(row+" "+one.says))
			}
		}
	}
	return dars.Refuse("not-as-published", what, "%s is not as it was published: %d of its %d rows differ, %d are missing, %d stand in it too often, %d are stored otherwise than logged, %d are not stored; of the log itself %d things were altered", what, len(v.Differs), v.Rows, len(v.Missing), len(v.Twice), len(v.Altered), len(v.Gone), len(v.Log))
}

func isAddress(what string) bool {
	return strings.HasPrefix(what, "http://") || strings.HasPrefix(what, "https://")
}

func nameOf(what string) string {
	if u, err := url.Parse(what); err == nil && isAddress(what) {
		return path.Base(u.Path)
	}
	return what
}

// mostFetched is how much is read of what somebody names.
const mostFetched = 256 << 20

// brought reads a file; or, without one, an address, or what lies beside that.
func brought(ctx context.Context, what, file string, beside ...string) ([]byte, error) {
	if file == "" && !isAddress(what) {
		file = what
	}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, misuse{err}
		}
		return text, nil
	}
	u, err := url.Parse(what)
	if err != nil {
		return nil, misuse{err}
	}
	if len(beside) > 0 {
		u = u.ResolveReference(&url.URL{Path: "/" + beside[0]})
	}
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, misuse{err}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, dars.Refuse("not-there", u.String(), "%s answers %s", u, answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, mostFetched))
}
