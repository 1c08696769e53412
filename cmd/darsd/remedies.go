package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// remedy says what an operator does about what the machine refused.
func remedy(err error) string {
	var wrong misuse
	if errors.As(err, &wrong) {
		err = wrong.error
	}
	var listening *net.OpError
	switch {
	case fullDisk(err):
		return "\ndarsd: the disk is full. Nothing was half done: make room, and do it again"
	case errors.Is(err, syscall.EROFS):
		return "\ndarsd: the data directory can only be read. Mount it for writing, and do it again"
	case errors.Is(err, syscall.EADDRINUSE):
		return "\ndarsd: another program listens there, perhaps another darsd: stop it, or name another port in the configuration"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "\ndarsd: the server of the database does not answer. Nothing was half done: see that it runs, and do it again"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "\ndarsd: this machine has no such address. Name one that it has in the configuration, or 0.0.0.0 for all"
	case errors.As(err, &listening) && errors.Is(err, os.ErrPermission):
		return "\ndarsd: this user may not listen on a port below 1024. Name a higher one in the configuration; port-22.conf among the examples of the package shows how port 22 leads there"
	case errors.Is(err, os.ErrPermission):
		return "\ndarsd: " + permitted(err)
	}
	return ""
}

func fullDisk(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// permitted says whose a file is that this user may not touch.
func permitted(err error) string {
	const beThatUser = "this user may not do that here. The data directory belongs to the user that runs the daemon: be that user"
	var at *fs.PathError
	if !errors.As(err, &at) || at.Op == "openat" { // as seen from a folder that is not told
		return beThatUser
	}
	me := os.Geteuid()
	name, owner, known := ownerOf(at.Path)
	switch {
	case !known:
		return beThatUser
	case owner == me:
		return fmt.Sprintf("%s belongs to %s, who runs this, and its mode forbids it: chmod u+rwX %s", name, login(me), name)
	}
	return fmt.Sprintf("%s belongs to %s, and %s runs this. Be the user that runs the daemon; or, if it came to be by mistake, give it to that user (chown)", name, login(owner), login(me))
}

// ownerOf is the user to whom a file belongs, or the nearest folder above it that can be
// looked at.
func ownerOf(name string) (at string, uid int, known bool) {
	name, err := filepath.Abs(name)
	if err != nil {
		return "", 0, false
	}
	info, err := os.Lstat(name)
	for err != nil && name != filepath.Dir(name) {
		name = filepath.Dir(name)
		info, err = os.Lstat(name)
	}
	if err != nil {
		return "", 0, false
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return "", 0, false
	}
	return name, int(stat.Uid), true
}

// login is the name of a user of this machine, or the number.
func login(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return fmt.Sprintf("user %d", uid)
}

// notAsRoot refuses to act as root in a data directory of somebody else: what root writes
// there the daemon could not read.
func notAsRoot(data string) error {
	if _, err := os.Stat(data); err != nil || os.Geteuid() != 0 {
		return nil
	}
	name, owner, known := ownerOf(data)
	if !known || owner == 0 {
		return nil
	}
	return misuse{fmt.Errorf("%s belongs to %s, and what root writes there %s could not read: say sudo -u %s darsd …", name, login(owner), login(owner), login(owner))}
}
