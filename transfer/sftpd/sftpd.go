// Package sftpd is the counter where data is handed out: the SFTP endpoint, the
// count of every byte that left, and the office's commands over SSH.
//
// A person signs in with a key and sees one tree of files, made afresh from what
// the office says is theirs. Everything in it can only be read, but for submit/,
// where they put what they send us. Of each file that is counted two sets of
// bytes are kept:
//
//	sent       every byte that may have left, never fewer: reserved in the ledger
//	           before the first one goes, cut back when the handle is closed
//	confirmed  bytes that the client's side has answered for: a receipt
//
// Access can end while a file is being read. Then no more of it leaves, the
// client is told why, and the transfer never looks as if it had come to its end.
//
// The library github.com/pkg/sftp knows the protocol's requests. It cannot know
// what has left, because it closes a file before its last bytes are written and
// hides whether they could be. So between it and the SSH channel stands a [wire]
// of ours that reads each packet in both directions: the counting, the proof of
// receipt and the end of access are there.
//
// The package knows the rest of the program only through the interfaces in this
// file.
package sftpd

import (
	"context"
	"io"
	"time"

	"darsd/dars"
)

// An Entry is one file in a person's root, as it is now.
type Entry struct {
	Path     string         // "collect/DARS-…/REL-000001/data/FILE….csv": slashes, none in front
	Size     int64          //
	Modified time.Time      //
	File     dars.FileID    // counted in the ledger; "" for papers, receipts, README, tag files
	Release  dars.ReleaseID // that it belongs to, if any
	Until    time.Time      // access ends at this instant; zero for an open end
	Object   string         // what Desk.Open needs; means nothing here
}

// A Content is an open file. ReadAt is called by several goroutines at once.
type Content interface {
	io.ReaderAt
	io.Closer
	Size() int64 // of what is inside
}

// A Desk is the office, as far as a stranger with a key may see it. A
// [dars.Refusal] carries a sentence that the client is told; any other error is
// a fault, of which the client hears nothing but that there was one.
type Desk interface {
	// SignIn says who somebody is. It decides which keys are good, which
	// authorities are trusted, and which networks a person may come from. An error
	// lets nobody in. A refusal that has a Ref is about somebody known: its
	// sentence is told, once the key has proved itself. One without stands for a
	// login and a key that belong to nobody, of which nothing is told; it should
	// take as long as any other.
	//
	// It is asked for every key that is offered, proven or not, so it should leave
	// no trace; and again for open sessions by Server.Recheck: then a refusal ends
	// the session.
	SignIn(ctx context.Context, v dars.Visitor) (dars.PersonID, error)

	// Root lists everything that a person may see, but submit/.
	Root(ctx context.Context, who dars.PersonID) ([]Entry, error)

	// Open opens one of those files.
	Open(ctx context.Context, who dars.PersonID, e Entry) (Content, error)

	// May is nil while a file may be read. It is asked at each OPEN, and by
	// Server.Recheck for what is open.
	May(ctx context.Context, who dars.PersonID, v dars.Visitor, e Entry) error

	// Run carries out a command that came over SSH and returns its exit status.
	// No argv at all stands for somebody who came for a shell. ctx ends with the
	// connection, and when the command has taken too long.
	Run(ctx context.Context, who dars.PersonID, v dars.Visitor, argv []string, in io.Reader, out, errw io.Writer) int
}

// A Download is one open handle on a counted file: what the ledger writes down
// beside the bytes.
type Download struct {
	ID      string         // random, one for each handle
	Who     dars.PersonID  //
	Visitor dars.Visitor   // as they signed in
	File    dars.FileID    //
	Release dars.ReleaseID //
	Size    int64          // of the whole file
	Client  string         // what the client calls itself: "SSH-2.0-OpenSSH_9.2"
	Address string         // where it came from
	Opened  time.Time      //
	Closed  time.Time      // zero until Settle

	Confirmed dars.Ranges // so far: should the program die, nobody will know it any more
}

// A Ledger keeps the bytes sent.
type Ledger interface {
	// Reserve writes down, for good, that bytes are about to leave. Not one of
	// them does before it returns nil. What has been confirmed so far it may write
	// down as well. A range is a block of at most 16 MiB,
	// aligned, and is asked for once for each handle.
	Reserve(ctx context.Context, d Download, r dars.Range) error

	// Settle comes once for each handle that had anything reserved (or is of an
	// empty file): what really went out, and of that what was confirmed. What the
	// handle had reserved is cut back to it. If it fails, or never comes because
	// the program died, the reservation stands.
	Settle(ctx context.Context, d Download, sent, confirmed dars.Ranges) error
}

// An Upload is something that a person has put into submit/.
type Upload struct {
	Name     string    // below submit/: "renewal/application.yaml"
	Size     int64     //
	Modified time.Time // as the client set it: says nothing about when it came
	Dir      bool      //
}

// Trays are where people's uploads lie, a tray for each person.
type Trays interface {
	Tray(who dars.PersonID) Tray
}

// A Tray is one person's submit/. Names are as in [Upload]. Of errors, those
// that are fs.ErrNotExist, fs.ErrExist or fs.ErrPermission are told as such, and
// a [dars.Refusal] by its sentence; of those that are syscall.ENOSPC or EDQUOT a
// person hears that the disk is full.
type Tray interface {
	List() ([]Upload, error)                     // all of it, at every depth
	Begin(from string) (Draft, error)            // a file: with the content of one that is there, or with nothing if from is ""
	Touch(name string, modified time.Time) error // sets when it says that it was modified
	Rename(from, to string) error                // replaces a file that is there
	Remove(name string) error                    // a file
	Mkdir(name string) error                     //
	Rmdir(name string) error                     // an empty one
	Read(name string) ([]byte, error)            // a verdict: a person is shown nothing else
}

// A Draft is a file that is being written. It is in the tray when Keep returns,
// and not before. WriteAt is called by several goroutines at once, for any
// offset.
type Draft interface {
	io.WriterAt
	io.Closer                                   // gives up what was not kept
	Size() int64                                //
	Truncate(size int64) error                  // shorter, or longer with zeros
	Prefix() (int64, error)                     // how much of it has come without a gap
	Keep(name string, modified time.Time) error // in the place of a file of that name
}
