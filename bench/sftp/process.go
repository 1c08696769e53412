package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A spending is what a server has used up.
type spending struct {
	cpu    time.Duration // of all its processes, those that have ended too
	memory int64         // bytes at the peak, shared pages counted once
}

// clockTick is what /proc counts CPU time in, on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// tree lists a process and all that came of it and still run.
func tree(pid int) []int {
	below := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		fields := statFields(name)
		if len(fields) < 2 {
			continue // gone since
		}
		parent, _ := strconv.Atoi(fields[1])
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		below[parent] = append(below[parent], child)
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, below[all[i]]...)
	}
	return all
}

// statFields are what stands in /proc/PID/stat behind the name, which may have
// blanks in it: state, parent, and so on (proc(5)).
func statFields(name string) []string {
	text, _ := os.ReadFile(name)
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

// cpu is what a process, and the children that it has waited for, have used.
func cpu(pid int) time.Duration {
	fields := statFields(fmt.Sprintf("/proc/%d/stat", pid))
	var ticks int64
	for _, i := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
		if i < len(fields) {
			n, _ := strconv.ParseInt(fields[i], 10, 64)
			ticks += n
		}
	}
	return time.Duration(ticks) * clockTick
}

// cpuOfTree adds up all processes of a server.
func cpuOfTree(pid int) (sum time.Duration) {
	for _, p := range tree(pid) {
		sum += cpu(p)
	}
	return sum
}

// memoryOfTree is what a server's processes hold, with what they share counted
// once.
func memoryOfTree(pid int) (sum int64) {
	for _, p := range tree(pid) {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p))
		for line := range strings.Lines(string(text)) {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Pss:" {
				kib, _ := strconv.ParseInt(fields[1], 10, 64)
				sum += kib << 10
			}
		}
	}
	return sum
}

// spent does some work and says what a server used up for it.
func (s *server) spent(work func() error) (spending, error) {
	var peak int64
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			peak = max(peak, memoryOfTree(s.pid))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	before := cpuOfTree(s.pid)
	err := work()
	close(done)
	watching.Wait()
	// sshd's processes count with it once they have ended.
	for range 100 {
		if len(tree(s.pid)) <= s.processes {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return spending{cpuOfTree(s.pid) - before, peak}, err
}

// highest is the most memory that a server's first process ever held.
func (s *server) highest() string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
