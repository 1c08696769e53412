package extract

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// widen moves the set onto a plane. The plane is not of the program's heap: the
// collector would reckon with all of it, and most of it is never touched. The
// system is asked for large pages: a number is a place of its own, and to find
// the page costs more than to read it. Without room nothing changes.
func (s *numberSet) widen() {
	const size = int(unsafe.Sizeof(plane{}))
	memory, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_NORESERVE)
	if err != nil {
		return
	}
	_ = unix.Madvise(memory, unix.MADV_HUGEPAGE) // a system without them has small ones
	runtime.AddCleanup(s, func(memory []byte) { _ = unix.Munmap(memory) }, memory)
	s.spread((*plane)(unsafe.Pointer(&memory[0])))
}
