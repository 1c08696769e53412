package documents

import (
	"bytes"
	"context"

	"darsd/documents/signed"
)

// Signatures finds what a returned paper bears of digital signatures, and whether they
// are all that was added to it (package signed). Like all that comes from outside it is
// read by the child; a scan, which bears none, is not read once more for that.
func (r Reader) Signatures(ctx context.Context, paper []byte) (signed.Answer, error) {
	if !bytes.Contains(paper, []byte("/ByteRange")) {
		return signed.Answer{}, nil
	}
	said, err := r.Read(ctx, paper)
	return said.Signed, err
}
