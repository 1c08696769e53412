package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

const (
	cipher   = "aes128-gcm@openssh.com"
	exchange = "curve25519-sha256"
)

// A run is one measurement of one server.
type run struct {
	took   time.Duration
	client time.Duration // CPU of the client, where it is a program of its own
	server spending
}

// measure has some work done against a server.
func (s *server) measure(work func(s *server) (client time.Duration, err error)) (r run, err error) {
	r.server, err = s.spent(func() (err error) {
		began := time.Now()
		r.client, err = work(s)
		r.took = time.Since(began)
		return err
	})
	if err != nil {
		err = fmt.Errorf("%s: %w", s.name, err)
	}
	return r, err
}

// program runs a client that is a program of its own, and says what CPU it used.
func program(stdin string, args ...string) (time.Duration, error) {
	run := exec.Command(args[0], args[1:]...)
	run.Stdin = strings.NewReader(stdin)
	var said strings.Builder
	run.Stderr = &said
	if err := run.Run(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", args[0], err, said.String())
	}
	return run.ProcessState.UserTime() + run.ProcessState.SystemTime(), nil
}

// openssh runs commands of OpenSSH's sftp.
func (s *server) openssh(dir string, commands ...string) (time.Duration, error) {
	host, port, _ := net.SplitHostPort(s.addr)
	return program(strings.Join(commands, "\n")+"\n",
		"sftp", "-F", "none", "-q", "-i", filepath.Join(dir, "key"), "-c", cipher, "-o", "KexAlgorithms="+exchange, "-o", "IdentityAgent=none",
		"-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
		"-P", port, "-b", "-", s.login(0)+"@"+host)
}

// rclone runs one command of rclone's, in which @ stands for the server. It is
// told not to ask for checksums: what is measured is the transfer.
func (s *server) rclone(dir string, args ...string) (time.Duration, error) {
	host, port, _ := net.SplitHostPort(s.addr)
	remote := fmt.Sprintf(":sftp,host=%s,port=%s,user='%s',key_file='%s',shell_type=none,disable_hashcheck=true,set_modtime=false:", host, port, s.login(0), filepath.Join(dir, "key"))
	all := []string{"rclone", "--config", "/dev/null", "--ignore-checksum", "--retries", "1", "-q"}
	for _, arg := range args {
		all = append(all, strings.Replace(arg, "@", remote, 1))
	}
	return program("", all...)
}

// signIn makes one connection, from this process.
func (s *server) signIn(key ssh.Signer, session int) (*ssh.Client, error) {
	return ssh.Dial("tcp", s.addr, &ssh.ClientConfig{
		Config: ssh.Config{Ciphers: []string{cipher}, KeyExchanges: []string{exchange}},
		User:   s.login(session), Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
	})
}

// signIns connects, lists a folder and leaves, as often as asked, some at once.
func (s *server) signIns(key ssh.Signer, times, atOnce int) error {
	return many(times, atOnce, func(i int) error {
		client, err := s.signIn(key, i)
		if err != nil {
			return err
		}
		defer client.Close()
		session, err := sftp.NewClient(client)
		if err != nil {
			return err
		}
		defer session.Close()
		_, err = session.ReadDir(s.put)
		return err
	})
}

// sessions has many people there at once: all sign in, and when the last has,
// all fetch the same file.
func (s *server) sessions(key ssh.Signer, n int, file string) error {
	var there sync.WaitGroup
	there.Add(n)
	all := make(chan struct{})
	go func() { there.Wait(); close(all) }()
	door := make(chan struct{}, 20) // not all at the door at once
	return many(n, n, func(i int) (err error) {
		arrived := sync.OnceFunc(there.Done)
		defer arrived()
		door <- struct{}{}
		client, err := s.signIn(key, i)
		var session *sftp.Client
		if err == nil {
			defer client.Close()
			session, err = sftp.NewClient(client, sftp.UseConcurrentReads(true))
		}
		<-door
		if err != nil {
			return err
		}
		defer session.Close()
		arrived()
		<-all
		f, err := session.Open(s.get + "/" + file)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f)
		return err
	})
}

// many does something n times, some of them at once.
func many(n, atOnce int, do func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for i := range n {
		places <- struct{}{}
		all.Go(func() {
			errs[i] = do(i)
			<-places
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func readKey(dir string) (ssh.Signer, error) {
	text, err := os.ReadFile(filepath.Join(dir, "key"))
	if err != nil {
		return nil, err
	}
	return ssh.ParsePrivateKey(text)
}
