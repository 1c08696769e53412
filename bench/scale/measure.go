package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/bench/figure"
	"darsd/dars"
)

// looks are the commands that are measured, and who says them.
var looks = []struct{ who, command string }{
	{"carol", "todo"},
	{"priya", "todo"},
	{"cora", "todo"},
	{"ivan", "todo"},
	{"r3-1", "todo"},
	{"carol", "agreement show CASE"},
	{"carol", "application show CASE"},
	{"carol", "release show REL-000010"},
	{"carol", "certificate list"},
	{"carol", "agreement list --expiring 60"},
	{"carol", "guard check CASE --dataset HES_APC"},
	{"carol", "search asthma sepsis"},
	{"carol", "org show R00003"},
}

// makeKeys writes a key for everybody who comes in by ssh.
func makeKeys(dir string) (map[string]dars.PersonKey, error) {
	keys := map[string]dars.PersonKey{}
	logins := []string{"olive", "r3-1"}
	for _, s := range staff {
		logins = append(logins, s.login)
	}
	for _, login := range logins {
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			return nil, err
		}
		block, err := ssh.MarshalPrivateKey(key, login)
		if err != nil {
			return nil, err
		}
		public, err := ssh.NewPublicKey(key.Public())
		if err != nil {
			return nil, err
		}
		line := ssh.MarshalAuthorizedKey(public)
		keys[login] = dars.PersonKey{Fingerprint: ssh.FingerprintSHA256(public), Public: strings.TrimSpace(string(line)), AddedBy: carol, AddedVia: dars.SSH, ConfirmedBy: chris}
		file := filepath.Join(dir, login)
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file+".pub", line, 0o600); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (b *bench) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, b.darsd, append([]string{"--data", b.office()}, args...)...)
	c.Stderr = os.Stderr
	return c
}

// measure serves the office, looks at it, and verifies its log.
func (b *bench) measure(ctx context.Context) error {
	daemon := b.command(ctx, "serve")
	daemon.Stderr, daemon.Stdout = nil, nil
	begun := time.Now()
	if err := daemon.Start(); err != nil {
		return err
	}
	defer func() { daemon.Process.Signal(syscall.SIGTERM); daemon.Wait() }()
	address, err := b.served(daemon.Process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("%-44s %8.1f s\n", "from start to serving", time.Since(begun).Seconds())
	if err := b.ease(daemon.Process.Pid); err != nil {
		return err
	}
	fmt.Printf("%-44s %8.1f s\n", "from start to nothing left to do", time.Since(begun).Seconds())
	slowest := time.Duration(0)
	for _, l := range looks {
		line := strings.ReplaceAll(l.command, "CASE", dars.CaseStem(22)) // in force, in its third version
		above, err := b.look(ctx, address, l.who, line)
		if err != nil {
			return err
		}
		slowest = max(slowest, above)
	}
	most := memory(daemon.Process.Pid)
	fmt.Printf("%-44s %8d MB\n", "the daemon, at most", most)
	begun = time.Now()
	verify := b.command(ctx, "log", "verify")
	out, err := verify.Output()
	fmt.Printf("%-44s %8.1f s, %d MB\n%s", "log verify", time.Since(begun).Seconds(), verify.ProcessState.SysUsage().(*syscall.Rusage).Maxrss>>10, out)
	if err != nil {
		return err
	}
	on := "scale/"
	if b.postgres != "" {
		on = "postgres/"
	}
	return b.figures.Add(figure.Figure{Key: on + "look", Ours: ms(slowest)}, figure.Figure{Key: on + "memory", Ours: float64(most)},
		figure.Figure{Key: on + "verify", Ours: time.Since(begun).Seconds()})
}

// served waits until the daemon says where it listens.
func (b *bench) served(pid int) (string, error) {
	for range 1200 {
		var says struct {
			PID  int    `json:"pid"`
			SFTP string `json:"sftp"`
		}
		text, err := os.ReadFile(filepath.Join(b.office(), "serve.json"))
		if err == nil && json.Unmarshal(text, &says) == nil && says.PID == pid && says.SFTP != "" {
			return says.SFTP, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "", fmt.Errorf("the daemon does not serve after two minutes")
}

// ease waits until the daemon has done what its clock had for it: it uses less than a
// tenth of a processor for three seconds.
func (b *bench) ease(pid int) error {
	for quiet, was := 0, time.Duration(0); quiet < 3; {
		time.Sleep(time.Second)
		now, err := used(pid)
		if err != nil {
			return err
		}
		if quiet++; now-was > 100*time.Millisecond {
			quiet = 0
		}
		was = now
	}
	return nil
}

// used is what of the processors a process has had.
func used(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(text, []byte(") "))
	fields := strings.Fields(string(rest))
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return 0, err
	}
	return time.Duration(user+system) * 10 * time.Millisecond, nil
}

// memory is how much of it a process has had at most, in MB.
func memory(pid int) (mb int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Sscan(kb, &mb)
		}
	}
	return mb >> 10
}

// look times a command beside the one that looks at nothing, and returns what it took
// above that.
func (b *bench) look(ctx context.Context, address, who, line string) (above time.Duration, err error) {
	var ours, nothing []time.Duration
	bytes := 0
	for range b.runs {
		d, _, err := b.ssh(ctx, address, who, "help")
		if err != nil {
			return 0, err
		}
		nothing = append(nothing, d)
		d, out, err := b.ssh(ctx, address, who, line)
		if err != nil {
			return 0, err
		}
		ours, bytes = append(ours, d), len(out)
	}
	took, alone := median(ours), median(nothing)
	fmt.Printf("%-44s %8.1f ms above the %.1f of help; %d bytes\n", who+": "+line, ms(took-alone), ms(alone), bytes)
	return took - alone, nil
}

func (b *bench) ssh(ctx context.Context, address, who, line string) (time.Duration, []byte, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, nil, err
	}
	begun := time.Now()
	c := exec.CommandContext(ctx, "ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
		"-o", "IdentitiesOnly=yes", "-i", filepath.Join(b.dir, who), "-p", port, who+"@"+host, line)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		err = fmt.Errorf("%s: %s: %w", who, line, err)
	}
	return time.Since(begun), out, err
}

func median(all []time.Duration) time.Duration {
	slices.SortFunc(all, cmp.Compare[time.Duration])
	return all[len(all)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
