package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"time"
)

// A server is one of those that are compared.
type server struct {
	name      string
	addr      string
	login     func(session int) string
	get, put  string // folders, as clients name them
	pid       int
	processes int // when nobody is there
	stop      func()
}

// startOpenSSH runs sshd with its internal-sftp, for whoever runs this program.
// It has keys and a configuration of its own, and leaves those of the machine
// alone.
func startOpenSSH(dir string) (*server, error) {
	program, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		return nil, fmt.Errorf("sshd is needed (Debian: openssh-server): %w", err)
	}
	who, err := user.Current()
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	host, port, _ := net.SplitHostPort(addr)
	// sshd wants this folder for its processes without rights; Debian makes it at
	// each start of the machine.
	if who.Uid == "0" {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			return nil, err
		}
	}
	config := filepath.Join(dir, "sshd_config")
	text := strings.Join([]string{
		"ListenAddress " + host, "Port " + port, "HostKey " + filepath.Join(dir, "host"), "AuthorizedKeysFile " + filepath.Join(dir, "key.pub"),
		"PidFile none", "UsePAM no", "StrictModes no", "PermitRootLogin prohibit-password", "PasswordAuthentication no",
		"Ciphers " + cipher, "KexAlgorithms " + exchange, "MaxStartups 2000", "LogLevel FATAL", "Subsystem sftp internal-sftp", "",
	}, "\n")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	run := exec.Command(program, "-D", "-e", "-f", config)
	run.Stderr = os.Stderr
	if err := run.Start(); err != nil {
		return nil, err
	}
	s := &server{
		name: "OpenSSH", addr: addr, login: func(int) string { return who.Username },
		get: filepath.Join(dir, "files"), put: filepath.Join(dir, "put"), pid: run.Process.Pid, processes: 1,
		stop: func() { run.Process.Kill(); run.Wait() },
	}
	for range 100 {
		nc, err := net.Dial("tcp", addr)
		if err == nil {
			nc.Close()
			return s, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("sshd does not answer on %s", addr)
}

func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	return ln.Addr().String(), nil
}
