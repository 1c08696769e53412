package documents

import (
	"context"

	"darsd/documents/signed"
)

// Signatures finds what a returned paper bears of digital signatures, and whether they
// are all that was added to it (package signed). Like all that comes from outside it is
// read by the child.
func (r Reader) Signatures(ctx context.Context, paper []byte) (signed.Answer, error) {
	said, err := r.Read(ctx, paper)
	return said.Signed, err
}
