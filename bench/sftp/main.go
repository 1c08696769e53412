// Sftp holds the endpoint against OpenSSH's sshd with internal-sftp, over
// loopback, with the same cipher, in one run and in turns:
//
//	go run ./bench/sftp [-dir DIR] [-gib 2] [-rounds 5] [-only REGEXP] [-beside BUILD]
//
// Our side serves from a vault, so that what is compared is decryption and
// serving with serving. A third server, ours with the files in the clear, says
// what decryption costs. Another build of this program (go build -o BUILD
// ./bench/sftp) serves as a fourth, to see what a change is worth. The desk and the ledger are in memory: what an office's
// database costs is measured elsewhere.
//
// The client and both servers share the machine, so the quotients are worth
// more than the seconds, and CPU seconds more than both where others work on it
// too. Files go to DIR, which should be in memory (/dev/shm): disks differ more
// than servers. It needs root or a login of one's own, sshd, sftp and rclone.
package main

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"flag"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/bench/figure"
)

func main() {
	dir := flag.String("dir", "/dev/shm/darsd-bench-sftp", "where files and keys go; it is emptied first and last")
	gib := flag.Float64("gib", 2, "size of the big file in GiB")
	rounds := flag.Int("rounds", 5, "how often each server has its turn")
	only := flag.String("only", "", "measure only what matches this")
	beside := flag.String("beside", "", "measure the server of this other build too")
	profile := flag.String("profile", "", "write a CPU profile of our server into this file")
	serve := flag.Bool("serve", false, "be the server that is measured")
	clear := flag.Bool("clear", false, "with -serve: files in the clear in place of the vault")
	var figures figure.File
	flag.StringVar((*string)(&figures), "figures", "", "collect figures in this file")
	flag.Parse()
	var err error
	if *serve {
		err = serveOffice(*dir, *clear, *profile)
	} else {
		err = compare(*dir, int64(*gib*(1<<30)), *rounds, *only, *beside, *profile, figures)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sftp:", err)
		os.Exit(1)
	}
}

// A measure is one thing that is compared.
type measure struct {
	key   string // of its aim
	name  string
	bytes int64 // that are moved; zero where that is not what counts
	times int   // how often something is done; zero where bytes count
	clear bool  // decryption matters
	work  func(s *server) (client time.Duration, err error)
}

func measures(dir string, size int64, key ssh.Signer) []measure {
	one, many := filepath.Join(dir, "files", "big"), filepath.Join(dir, "got")
	return []measure{
		{"sftp/download", "download, OpenSSH's client", size, 0, true, func(s *server) (time.Duration, error) { return s.openssh(dir, "get "+s.get+"/big /dev/null") }},
		{"sftp/download-rclone", "download, rclone", size, 0, true, func(s *server) (time.Duration, error) { return s.rclone(dir, "cat", "@"+s.get+"/big") }},
		{"sftp/upload", "upload, OpenSSH's client", size, 0, false, func(s *server) (time.Duration, error) {
			return s.openssh(dir, "put "+one+" "+s.put+"/big", "rm "+s.put+"/big")
		}},
		{"sftp/upload-rclone", "upload, rclone", size, 0, false, func(s *server) (time.Duration, error) {
			spent, err := s.rclone(dir, "copyto", one, "@"+s.put+"/big")
			if err != nil {
				return spent, err
			}
			_, err = s.openssh(dir, "rm "+s.put+"/big")
			return spent, err
		}},
		{"sftp/small", "1,000 small files, OpenSSH's client", 0, 1000, true, func(s *server) (time.Duration, error) {
			defer os.RemoveAll(many)
			return s.openssh(dir, "get -r "+s.get+"/many "+many)
		}},
		{"sftp/sessions-200", "200 sessions at once, 5 MiB each", 200 * 5 << 20, 0, true, func(s *server) (time.Duration, error) { return 0, s.sessions(key, 200, "five") }},
		{"sftp/sign-ins-alone", "sign-ins (connect, list, leave), one after the other", 0, 200, false, func(s *server) (time.Duration, error) { return 0, s.signIns(key, 200, 1) }},
		{"sftp/sign-ins", "sign-ins (connect, list, leave), 10 at once", 0, 500, false, func(s *server) (time.Duration, error) { return 0, s.signIns(key, 500, 10) }},
		{"sftp/sessions-1000", "1,000 sessions at once, 1 MiB each", 1000 << 20, 0, false, func(s *server) (time.Duration, error) { return 0, s.sessions(key, 1000, "one") }},
	}
}

// compare gives each server its turn, round after round, and prints a table.
func compare(dir string, size int64, rounds int, only, beside, profile string, figures figure.File) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	key, err := prepare(dir, size)
	if err != nil {
		return err
	}
	theirs, err := startOpenSSH(dir)
	if err != nil {
		return err
	}
	defer theirs.stop()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ours, err := startOffice("ours", self, dir, "-profile="+profile)
	if err != nil {
		return err
	}
	defer ours.stop()
	clear, err := startOffice("ours, files in the clear", self, dir, "-clear")
	if err != nil {
		return err
	}
	defer clear.stop()
	all := []*server{theirs, ours}
	if beside != "" {
		other, err := startOffice("ours, the other build", beside, dir)
		if err != nil {
			return err
		}
		defer other.stop()
		all = append(all, other)
	}

	fmt.Printf("medians of %d rounds, %s, %d CPUs\n", rounds, cipher, runtime.NumCPU())
	for _, m := range measures(dir, size, key) {
		if !wanted.MatchString(m.name) {
			continue
		}
		servers := slices.Clone(all)
		if m.clear {
			servers = append(servers, clear)
		}
		runs := map[*server][]run{}
		for range rounds {
			for _, s := range servers {
				r, err := s.measure(m.work)
				if err != nil {
					return fmt.Errorf("%s: %w", m.name, err)
				}
				runs[s] = append(runs[s], r)
			}
		}
		fmt.Printf("\n%s\n", m.name)
		for _, s := range servers {
			fmt.Println("   ", m.line(s, runs[s], runs[theirs]))
		}
		if err := m.handOver(figures, runs[ours], runs[theirs]); err != nil {
			return err
		}
	}
	fmt.Printf("\nmost that our server ever held: %s\n", ours.highest())
	return nil
}

// line is what is printed of one server: its median, how many times as fast as
// OpenSSH it was in the same round, what it used, and what held it up.
func (m measure) line(s *server, runs, theirs []run) string {
	var quotients []float64
	for i := range runs {
		quotients = append(quotients, float64(theirs[i].took)/float64(runs[i].took))
	}
	took := median(runs, func(r run) time.Duration { return r.took })
	cpu := median(runs, func(r run) time.Duration { return r.server.cpu })
	client := median(runs, func(r run) time.Duration { return r.client })
	memory := median(runs, func(r run) int64 { return r.server.memory })
	slices.Sort(quotients)
	rate, use := "", ""
	if m.bytes > 0 {
		rate = fmt.Sprintf("%7.0f MiB/s", float64(m.bytes)/(1<<20)/took.Seconds())
		use = fmt.Sprintf("%5.2f CPU s/GiB", cpu.Seconds()*(1<<30)/float64(m.bytes))
	} else {
		rate = fmt.Sprintf("%7.0f a second", float64(m.times)/took.Seconds())
		use = fmt.Sprintf("%5.2f CPU ms each", cpu.Seconds()*1000/float64(m.times))
	}
	return fmt.Sprintf("%-24s %s  x%.2f (%.2f to %.2f)  %s  %4d MiB  %s", s.name, rate, quotients[len(quotients)/2], quotients[0], quotients[len(quotients)-1],
		use, memory>>20, bound(took, cpu, client))
}

// bound says what there was not enough of.
func bound(took, server, client time.Duration) string {
	busy := func(cpu time.Duration) float64 { return cpu.Seconds() / took.Seconds() }
	what := "waiting"
	switch {
	case client == 0:
		return fmt.Sprintf("server busy %.2f of a CPU", busy(server))
	case busy(server)+busy(client) > 0.9*float64(runtime.NumCPU()):
		what = "bound by the CPUs together"
	case busy(client) > 0.9:
		what = "bound by the client"
	case busy(server) > 0.9:
		what = "bound by the server"
	}
	return fmt.Sprintf("%s (server %.2f, client %.2f of a CPU)", what, busy(server), busy(client))
}

func median[T cmp.Ordered](runs []run, of func(run) T) T {
	var all []T
	for _, r := range runs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// prepare makes keys and files: a big one, one of 5 MiB, one of 1 MiB, and a
// thousand of 10 KiB.
func prepare(dir string, size int64) (ssh.Signer, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	for _, sub := range []string{"files/many", "put"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"key", "host"} {
		if err := makeKey(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	sizes := map[string]int64{"big": size, "five": 5 << 20, "one": 1 << 20}
	for i := range 1000 {
		sizes[fmt.Sprintf("many/%04d", i)] = 10 << 10
	}
	for name, size := range sizes {
		if err := makeFile(filepath.Join(dir, "files", name), size); err != nil {
			return nil, err
		}
	}
	if err := fill(dir); err != nil {
		return nil, err
	}
	return readKey(dir)
}

func makeKey(name string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
		return err
	}
	line, err := ssh.NewPublicKey(public)
	if err != nil {
		return err
	}
	return os.WriteFile(name+".pub", ssh.MarshalAuthorizedKey(line), 0o600)
}

// makeFile writes bytes that look like nothing, the same in each run.
func makeFile(name string, size int64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	random := mathrand.NewChaCha8([32]byte(bytes.Repeat([]byte("darsd  !"), 4)))
	piece := make([]byte, 1<<20)
	for size > 0 {
		random.Read(piece)
		n := min(size, int64(len(piece)))
		if _, err := f.Write(piece[:n]); err != nil {
			return err
		}
		size -= n
	}
	return f.Close()
}
