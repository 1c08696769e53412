package vault

import (
	"errors"
	"fmt"
	"syscall"
)

// Free is how many bytes can still be written to the file system that holds the
// vault, as far as the system lets this account.
func (v *Vault) Free() (bytes int64, err error) {
	dir, err := v.files.Open(".")
	if err != nil {
		return 0, inWords(err)
	}
	defer dir.Close()
	var s syscall.Statfs_t
	if err := syscall.Fstatfs(int(dir.Fd()), &s); err != nil {
		return 0, fmt.Errorf("ask how much is free in vault/: %w", err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

// A diskError says what somebody has to do before the same can work. errors.Is
// finds what the system said.
type diskError struct {
	advice string
	cause  error
}

func (e *diskError) Error() string { return fmt.Sprintf("%s (%s)", e.advice, e.cause) }
func (e *diskError) Unwrap() error { return e.cause }

// tell puts the error of a function into words, for defer.
func tell(err *error) { *err = inWords(*err) }

func inWords(err error) error {
	var told *diskError
	if err == nil || errors.As(err, &told) {
		return err
	}
	for _, known := range []struct {
		errno  syscall.Errno
		advice string
	}{
		{syscall.ENOSPC, "the disk that holds the data directory is full: nothing was kept; free some space or enlarge it, and do it again"},
		{syscall.EDQUOT, "the account that runs darsd has used up its disk quota: nothing was kept; raise the quota, and do it again"},
		{syscall.EFBIG, "the file is larger than the file system or the limits of the service allow (LimitFSIZE=): nothing was kept; raise the limit, and do it again"},
		{syscall.EROFS, "the file system of the data directory is read-only: the system makes it so after a fault of the disk (dmesg tells); have it checked, mount it for writing, and do it again"},
		{syscall.EACCES, "the account that runs darsd may not do this in vault/ and keys/: give it both with all that is in them (chown -R), and do it again"},
		{syscall.EPERM, "the account that runs darsd may not do this in vault/ and keys/: give it both with all that is in them (chown -R, chattr -R -i), and do it again"},
		{syscall.EIO, "the disk cannot be read or written at this place: look at it before it gets worse (dmesg, smartctl), and bring back from a backup what is lost"},
	} {
		if errors.Is(err, known.errno) {
			return &diskError{known.advice, err}
		}
	}
	return err
}
