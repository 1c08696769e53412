package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pkg/sftp"

	"darsd/dars"
	"darsd/store"
)

// A newcomer is a case that begins within the year: somebody applies, and gets an
// agreement that begins with the next month. So is the next version of a case.
type newcomer struct {
	of         *party
	after      *held  // the version before; nil of a new case
	kind       string // of the next version
	name       string // of the folder in which the form comes
	start, end dars.Day
	overSFTP   bool
	stem       string
}

// newCases are those of a month, with the renewals: all of them go to one meeting.
func (s *soak) newCases(ctx context.Context, month int, d dars.Day) error {
	lot := s.lot("cases", month)
	var all []*newcomer
	for n := range s.cases {
		p := s.parties[lot.IntN(len(s.parties))]
		c := &newcomer{of: p, name: fmt.Sprintf("study-%d-%d", month, n), start: s.first.AddMonths(month + 1), overSFTP: lot.IntN(2) == 0}
		c.end = c.start.Add(100 + lot.IntN(600))
		if min(p.ico, p.security, p.contractEnds) < c.start || p.onHold(d) || s.owes(p, d) {
			continue
		}
		all = append(all, c)
	}
	all = append(all, s.renewals(month, d)...)
	for _, c := range all {
		if err := s.applies(ctx, c); err != nil {
			return err
		}
	}
	all = slices.DeleteFunc(all, func(c *newcomer) bool { return c.stem == "" })
	if len(all) == 0 {
		return nil
	}
	if err := s.decided(ctx, d, all); err != nil {
		return err
	}
	for _, c := range all {
		if err := s.signed(ctx, d, c); err != nil {
			return err
		}
	}
	return nil
}

// applies hands a form in, by the watched folder or over SFTP.
func (s *soak) applies(ctx context.Context, c *newcomer) error {
	files := map[string]string{"application.yaml": c.form(), "cag-letter.txt": "Confidentiality Advisory Group\n15/CAG/0123\n\nSupport is recommended until 31 December 2018.\n"}
	var v dars.Verdict
	var err error
	if c.overSFTP {
		v, err = s.handIn(ctx, c.of.people[0].login, c.name, files)
	} else {
		draft := s.path("drafts-" + c.name)
		err = os.Mkdir(draft, 0o700)
		for name, text := range files {
			err = errors.Join(err, os.WriteFile(filepath.Join(draft, name), []byte(text), 0o600))
		}
		if err == nil {
			v, err = s.dropped(ctx, "applications", c.name, draft)
		}
	}
	if err != nil {
		return err
	}
	if v.Verdict == dars.VerdictRejected || v.Verdict == "" {
		s.finds("the application %s was not taken: %s", c.name, v.Reason)
		return nil
	}
	c.stem = v.Ref[:min(len(v.Ref), len("DARS-NIC-000001-V4N9S"))]
	s.count("applications handed in", 1)
	return nil
}

// handIn puts files into somebody's submit/, all of them again where the line breaks,
// and waits for what the office says of them.
func (s *soak) handIn(ctx context.Context, login, name string, files map[string]string) (v dars.Verdict, err error) {
	verdict := "submit/" + name + ".verdict.json"
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		err = s.session(ctx, login, func(c *sftp.Client) error {
			if _, err := c.Stat(verdict); err == nil {
				return nil
			}
			if err := c.Mkdir("submit/" + name); err != nil && !errors.Is(err, os.ErrExist) {
				if info, err2 := c.Stat("submit/" + name); err2 != nil || !info.IsDir() {
					return err
				}
			}
			for file, text := range files {
				f, err := c.Create(path.Join("submit", name, file))
				if err != nil {
					return err
				}
				if _, err := f.Write([]byte(text)); err != nil {
					return err
				}
				if err := f.Close(); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			break
		}
	}
	text, err := s.fetch(ctx, login, verdict)
	if err != nil {
		return v, err
	}
	return readVerdict(text), nil
}

// decided is the way of some cases from the review to the SIRO, through one meeting.
func (s *soak) decided(ctx context.Context, d dars.Day, all []*newcomer) error {
	for _, c := range all {
		for _, step := range []struct{ who, line string }{
			{"carol", "application evidence " + c.application() + " --file 1 --seen"}, {"carol", "application review " + c.application() + " --legal-basis --security --feasibility --purpose"},
			{"carol", "application accept " + c.application()}, {"iris", "decision assess " + c.application()}, {"seth", "decision pre-review " + c.application()},
		} {
			if _, err := s.decides(ctx, step.who, c.application(), step.line); err != nil {
				return err
			}
		}
	}
	meeting, err := s.decides(ctx, "seth", "MEET", "decision meeting "+string(d))
	if err != nil {
		return err
	}
	for _, c := range all {
		if _, err := s.decides(ctx, "iris", c.application(), "decision present "+c.application()); err != nil {
			return err
		}
	}
	for _, m := range []string{"mary --kind chair", "milo --kind professional", "mina --kind patient", "lena --kind lay"} {
		if _, err := s.decides(ctx, "seth", meeting, "decision attend "+meeting+" "+m); err != nil {
			return err
		}
	}
	for _, c := range all {
		if _, err := s.decides(ctx, "seth", c.application(), "decision outcome "+c.application()+" --outcome recommended"); err != nil {
			return err
		}
	}
	if _, err := s.decides(ctx, "seth", meeting, "decision minutes "+meeting); err != nil {
		return err
	}
	for _, c := range all {
		if _, err := s.decides(ctx, "simone", c.application(), "decision siro "+c.application()+" --approve"); err != nil {
			return err
		}
		if _, err := s.decides(ctx, "carol", c.agreement(), "agreement issue "+c.agreement()); err != nil {
			return err
		}
	}
	return nil
}

// decides gives a command about a case, or a meeting, and returns what it has made. Where
// the line breaks, the log says whether that person has acted on it.
func (s *soak) decides(ctx context.Context, login, about, line string) (made string, err error) {
	var before int64
	if err := s.store.View(ctx, func(tx *store.Tx) (err error) { before, err = tx.Head(); return err }); err != nil {
		return "", err
	}
	who := staffID(slices.IndexFunc(staff, func(p struct {
		login string
		role  dars.Role
	}) bool {
		return p.login == login
	}))
	answer, err := s.does(ctx, login, func(tx *store.Tx) (bool, error) {
		all, err := tx.Events("", "", before+1, 1<<20)
		for _, e := range all {
			if e.By == who && strings.HasPrefix(e.Ref, about) {
				made = e.Ref
			}
		}
		return made != "", err
	}, strings.Fields(line)...)
	var no *refused
	if errors.As(err, &no) {
		return "", fmt.Errorf("%s: %s was refused: %w", login, line, err)
	}
	if id, ok := answer["id"].(string); ok {
		made = id
	}
	return made, err
}

// signed is the way of an agreement from the printer to its start: it is printed, signed
// by hand, comes back by the folder, once or twice and with something else beside it, and
// is confirmed by two and counter-signed.
func (s *soak) signed(ctx context.Context, d dars.Day, c *newcomer) error {
	id := c.agreement()
	blank, err := s.fetch(ctx, c.of.people[0].login, "papers/Data-Sharing-Agreement-"+id+".pdf")
	if err != nil {
		return err
	}
	if blank == nil {
		s.finds("%s: the agreement %s was not printed", d, id)
		return nil
	}
	in, out := s.path(c.name+".pdf"), s.path(c.name+".signed.pdf")
	if err := os.WriteFile(in, blank, 0o600); err != nil {
		return err
	}
	if said, err := exec.CommandContext(ctx, s.darsd, "demo", "pen", in, out, "A Signatory").CombinedOutput(); err != nil {
		return fmt.Errorf("sign %s: %w: %s", id, err, said)
	}
	signed, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	lot := s.lot("copies", c.stem)
	if lot.IntN(2) == 0 {
		v, err := s.drop(ctx, "signed-agreements", c.name+"-letter.pdf", "this is no PDF, and nobody's agreement\n")
		if err != nil {
			return err
		}
		if v.Verdict != dars.VerdictRejected {
			s.finds("a file that is no agreement is %s in signed-agreements", v.Verdict)
		}
	}
	for n := range 1 + lot.IntN(2) {
		v, err := s.drop(ctx, "signed-agreements", fmt.Sprintf("%s-%d.pdf", c.name, n), string(signed))
		if err != nil {
			return err
		}
		if n == 0 && v.Verdict == dars.VerdictRejected {
			s.finds("the signed copy of %s was rejected: %s", id, v.Reason)
			return nil
		}
	}
	for _, who := range []string{"carol", "colin"} {
		if _, err := s.decides(ctx, who, id, "agreement confirm "+id); err != nil {
			return err
		}
	}
	if _, err := s.decides(ctx, "sven", id, "agreement countersign "+id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &held{n: len(s.held), stem: c.stem, id: id, of: c.of, recipients: c.of.people[:1], answers: -1, start: c.start, end: c.end, known: d, applied: true}
	s.held = append(s.held, g)
	if c.after != nil {
		g.before, c.after.next = c.after, g
		s.tally["agreements that follow another, as its "+c.kind]++
	}
	s.tally["agreements that were applied for, decided, signed and counter-signed"]++
	return nil
}

// form is an application filled in.
func (c *newcomer) form() string {
	return c.follows() + fmt.Sprintf(`title: Outcomes after a visit, %s
organisation: %q
contact: %s
controllers: [%[2]q]
collectors: [%[3]s]
locations: ["1 College Road, Northtown"]
territory: England and Wales
start: %[4]s
end: %[5]s
datasets:
  - code: %[6]s
    periods: ["%[7]s"]
    identifiability: PSEUDO_ICO
    sensitive: true
    gateway: HSCA261_1_2BII
    fields: [SEEN, WARD, DIAG]
    frequency: ADHOC_FREQUENT
purpose:
  serves:
    - aim: HEALTH_CARE
      how: >
        Community care after a visit is planned by what comes out, so that fewer
        patients fall ill again at home.
  objective: >
    To find out which patients come back to the clinic and why, so that care after
    a visit can be planned better.
  processing: >
    The data are held in a secure room at the university. Nobody outside the
    research team sees record-level data.
  outputs: >
    A report to the commissioning groups, and papers in journals, with small
    numbers suppressed in line with the HES Analysis Guide.
  benefits: >
    Fewer readmissions: commissioners will use the report to plan community care
    for the following year.
%s  commercial: false
evidence:
  - kind: approval of the Confidentiality Advisory Group
    file: cag-letter.txt
    ref: 15/CAG/0123
    expires: 2018-12-31
`, c.name, c.of.code, c.of.people[0].login, c.start, c.end, dataset, strings.Join(periods(), `", "`), c.yielded())
}
