package store

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/mattn/go-sqlite3"
)

// On a disk without one free block SQLite cannot even make the memory that it shares,
// and calls that a fault of the disk.
func TestAFullDiskIsCalledOne(t *testing.T) {
	for _, lite := range []sqlite3.Error{
		{Code: sqlite3.ErrFull},
		{Code: sqlite3.ErrIoErr, ExtendedCode: sqlite3.ErrIoErrSHMSize, SystemErrno: syscall.ENOSPC},
	} {
		if err := plain(fmt.Errorf("an act: %w", lite)); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%v is no full disk", err)
		}
	}
	if err := plain(sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.EIO}); errors.Is(err, syscall.ENOSPC) || !errors.Is(err, syscall.EIO) {
		t.Errorf("a broken disk is %v", err)
	}
}
