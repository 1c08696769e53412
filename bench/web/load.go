package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"darsd/bench/figure"
)

// nginx serves what was laid down, with as many workers as there are cores, until end is
// called. Its files stay open and it writes no log, as it is set up where it is to be
// fast.
func (b *bench) nginx() (address string, end func(), err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	at := ln.Addr().String()
	ln.Close()
	conf := filepath.Join(b.dir, "nginx.conf")
	text := fmt.Sprintf(`daemon off; master_process on; worker_processes auto; user root; pid %[1]s/nginx.pid; error_log %[1]s/nginx.log;
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; default_type "text/html; charset=utf-8"; open_file_cache max=20000 inactive=600s; gzip_static on;
server { listen %[2]s; root %[1]s/site; location / { try_files "$uri?$args" $uri =404; } } }
`, b.dir, at)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return "", nil, err
	}
	c := exec.Command("nginx", "-c", conf, "-p", b.dir)
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	end = func() { c.Process.Signal(os.Interrupt); c.Wait() }
	address = "http://" + at
	for range 100 {
		if _, err = fetch(address+b.addresses[0], "gzip"); err == nil {
			return address, end, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	end()
	return "", nil, fmt.Errorf("nginx: %w: %s", err, &said)
}

// A round is what one round of wrk has measured.
type round struct {
	perSecond float64
	latency   string // half of the answers took no longer
	worse     string // 99 in a hundred
}

// compare lets both be asked in turn, and prints the medians.
func (b *bench) compare(ours, theirs, coding string) error {
	script := filepath.Join(b.dir, coding+".lua")
	lua := fmt.Sprintf("local all = {%s}\nlocal n = 0\nwrk.headers['Accept-Encoding'] = '%s'\nfunction request() n = n + 1; return wrk.format('GET', all[(n * 7919) %% #all + 1]) end\n", quotedList(b.addresses), coding)
	if err := os.WriteFile(script, []byte(lua), 0o644); err != nil {
		return err
	}
	rounds := map[string][]round{}
	for range b.rounds {
		for _, address := range []string{ours, theirs} {
			if address == "" {
				continue // there is no nginx
			}
			r, err := wrk(address, script, b.length)
			if err != nil {
				return err
			}
			rounds[address] = append(rounds[address], r)
		}
	}
	var at [2]float64
	for i, one := range []struct{ name, address string }{{"darsd", ours}, {"nginx", theirs}} {
		all := rounds[one.address]
		if len(all) == 0 {
			continue
		}
		slices.SortFunc(all, func(a, b round) int { return int(a.perSecond - b.perSecond) })
		middle := all[len(all)/2]
		at[i] = middle.perSecond
		fmt.Printf("%-8s %s: %7.0f requests a second (%.0f to %.0f); half within %s, 99 in 100 within %s\n", coding, one.name, middle.perSecond, all[0].perSecond, all[len(all)-1].perSecond, middle.latency, middle.worse)
	}
	measured := figure.Figure{Key: "web/" + coding, Ours: at[0], Missing: []string{"nginx"}}
	if theirs != "" {
		fmt.Printf("%-8s darsd gives %.2f of what nginx gives\n", coding, at[0]/at[1])
		measured.Peer, measured.Theirs, measured.Missing = "nginx", at[1], nil
	}
	return b.figures.Add(measured)
}

func quotedList(all []string) string {
	var b strings.Builder
	for _, one := range all {
		fmt.Fprintf(&b, "%q,", one)
	}
	return b.String()
}

var (
	perSecond = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	half      = regexp.MustCompile(`(?m)^\s+50%\s+(\S+)`)
	most      = regexp.MustCompile(`(?m)^\s+99%\s+(\S+)`)
	wrong     = regexp.MustCompile(`Non-2xx|Socket errors: connect [1-9]|read [1-9]|write [1-9]`)
)

// wrk asks for a while, over 32 connections.
func wrk(address, script string, length time.Duration) (r round, err error) {
	out, err := exec.Command("wrk", "-t", "1", "-c", "32", "-d", fmt.Sprintf("%.0fs", length.Seconds()), "--latency", "-s", script, address).CombinedOutput()
	if err != nil {
		return r, fmt.Errorf("wrk: %w: %s", err, out)
	}
	speed, middle, worse := perSecond.FindSubmatch(out), half.FindSubmatch(out), most.FindSubmatch(out)
	if wrong.Match(out) || speed == nil || middle == nil || worse == nil {
		return r, fmt.Errorf("wrk at %s: %s", address, out)
	}
	r.perSecond, err = strconv.ParseFloat(string(speed[1]), 64)
	r.latency, r.worse = string(middle[1]), string(worse[1])
	return r, err
}
