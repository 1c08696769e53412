package documents

import (
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What else a child may not use.
const (
	maxFiles = 16 // open at a time; it needs its input and its output
	maxFile  = 0  // bytes that it may write to a file; pipes are none
)

// allowed are the calls of the kernel that a child makes: to read and write what is
// open, for memory, threads and time. Everything else is answered with "not
// permitted": it can open no file, start no program, and reach no network.
var allowed = []uint32{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_CLOSE, unix.SYS_FSTAT, unix.SYS_LSEEK, unix.SYS_FCNTL,
	unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MREMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_BRK, unix.SYS_MINCORE,
	unix.SYS_FUTEX, unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_GETTIMEOFDAY,
	unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_SET_TID_ADDRESS, unix.SYS_GETTID, unix.SYS_GETPID, unix.SYS_TGKILL,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_RESTART_SYSCALL,
	unix.SYS_SETITIMER, unix.SYS_TIMER_CREATE, unix.SYS_TIMER_SETTIME, unix.SYS_TIMER_DELETE,
	unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT, unix.SYS_EVENTFD2, unix.SYS_PIPE2,
	unix.SYS_GETRANDOM, unix.SYS_GETRUSAGE, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
}

// confine takes from the process, for good, all calls of the kernel but those, in all
// of its threads. Another thread is all that it may clone.
func confine() error {
	arch, known := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	if !known {
		return fmt.Errorf("the calls of the kernel on %s are not known", runtime.GOARCH)
	}
	rules := callRules(arch)
	program := unix.SockFprog{Len: uint16(len(rules)), Filter: &rules[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no new privileges: %w", err)
	}
	failed, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	runtime.KeepAlive(rules)
	if errno != 0 || failed != 0 {
		return fmt.Errorf("calls of the kernel: %w", errno)
	}
	return nil
}

// Where a filter finds what it judges (linux/seccomp.h).
const (
	callNumber = 0
	callArch   = 4
	callFirst  = 16 // the low half of the first argument
)

// callRules is confine as a filter of the kernel's: a list of steps, each of which
// loads, or compares and jumps.
func callRules(arch uint32) []unix.SockFilter {
	const (
		load   = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equals = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		shares = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
		answer = unix.BPF_RET | unix.BPF_K
		refuse = unix.SECCOMP_RET_ERRNO
	)
	rules := []unix.SockFilter{
		{Code: load, K: callArch},
		{Code: equals, K: arch, Jt: 1},
		{Code: answer, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Code: load, K: callNumber},
		// C's library tries the newer call first, of which a filter cannot see the flags.
		{Code: equals, K: unix.SYS_CLONE3, Jf: 1},
		{Code: answer, K: refuse | uint32(syscall.ENOSYS)},
		{Code: equals, K: unix.SYS_CLONE, Jf: 4},
		{Code: load, K: callFirst},
		{Code: shares, K: unix.CLONE_THREAD, Jf: 1},
		{Code: answer, K: unix.SECCOMP_RET_ALLOW},
		{Code: answer, K: refuse | uint32(syscall.EPERM)},
	}
	for _, call := range allowed {
		rules = append(rules, unix.SockFilter{Code: equals, K: call, Jf: 1}, unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ALLOW})
	}
	return append(rules, unix.SockFilter{Code: answer, K: refuse | uint32(syscall.EPERM)})
}
