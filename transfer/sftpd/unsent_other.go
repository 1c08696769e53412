//go:build !linux

package sftpd

// holdLittle has no word for it here.
func holdLittle(int) {}
