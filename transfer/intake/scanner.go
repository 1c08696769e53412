package intake

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// A Scanner is a clamd that looks for malware in what comes in. It is given the bytes
// over its own protocol (clamd(8), INSTREAM), and needs to see no file of ours.
type Scanner struct {
	Address string // the path of its socket, or host:port
}

// How long it may take to answer at all, and to take a piece or to judge all of them.
const (
	scannerAnswers = 5 * time.Second
	scannerJudges  = 2 * time.Minute
)

// Scan says what the scanner found, or "" if that is nothing. An error says that it did
// not look: nothing is known of the content then.
func (s Scanner) Scan(ctx context.Context, content io.Reader) (found string, err error) {
	said, err := s.ask(ctx, "zINSTREAM\x00", content)
	if err != nil {
		return "", err
	}
	said, ok := strings.CutPrefix(said, "stream: ")
	if ok && said == "OK" {
		return "", nil
	}
	if found, is := strings.CutSuffix(said, " FOUND"); ok && is && found != "" {
		return found, nil
	}
	if strings.Contains(said, "size limit exceeded") {
		return "", errors.New("the scanner takes no file that large: raise StreamMaxLength in its settings")
	}
	return "", fmt.Errorf("the scanner says %.80q", said)
}

// Ping asks whether the scanner is there.
func (s Scanner) Ping(ctx context.Context) error {
	said, err := s.ask(ctx, "zPING\x00", nil)
	if err == nil && said != "PONG" {
		err = fmt.Errorf("the scanner says %.80q", said)
	}
	return err
}

// ask gives a command and perhaps a content, and returns the answer.
func (s Scanner) ask(ctx context.Context, command string, content io.Reader) (said string, err error) {
	network := "tcp"
	if strings.HasPrefix(s.Address, "/") {
		network = "unix"
	}
	line, err := (&net.Dialer{Timeout: scannerAnswers}).DialContext(ctx, network, s.Address)
	if err != nil {
		return "", fmt.Errorf("the scanner is away: %w", err)
	}
	defer line.Close()
	defer context.AfterFunc(ctx, func() { line.Close() })()
	line.SetDeadline(time.Now().Add(scannerJudges))
	_, err = io.WriteString(line, command)
	if err == nil && content != nil {
		var ours *unread
		if err = pour(line, content); errors.As(err, &ours) {
			return "", ours.error
		}
	}
	// One that has heard enough closes its ear, and says why.
	answer, heard := io.ReadAll(io.LimitReader(line, 4096))
	if answer, whole := bytes.CutSuffix(answer, []byte{0}); whole {
		return string(answer), nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return "", fmt.Errorf("the scanner did not answer: %w", errors.Join(err, heard, io.ErrUnexpectedEOF))
}

// unread is that a content could not be read, which is no fault of the scanner's.
type unread struct{ error }

// pour sends a content in pieces, each with its length before it; none ends it.
func pour(line net.Conn, content io.Reader) error {
	piece := make([]byte, 4+64<<10)
	for {
		n, err := io.ReadFull(content, piece[4:])
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return &unread{err}
		}
		binary.BigEndian.PutUint32(piece, uint32(n))
		line.SetDeadline(time.Now().Add(scannerJudges))
		if _, err := line.Write(piece[:4+n]); err != nil || n == 0 {
			return err
		}
	}
}
