package sftpd

import "syscall"

// notSentLowWater is TCP_NOTSENT_LOWAT of tcp(7), which package syscall does not
// name.
const notSentLowWater = 25

// holdLittle has the kernel take more only when it has sent most of what it has.
// Where it cannot, it takes what it takes.
func holdLittle(socket int) {
	syscall.SetsockoptInt(socket, syscall.IPPROTO_TCP, notSentLowWater, unsent)
}
