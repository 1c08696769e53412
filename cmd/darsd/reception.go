package main

import (
	"context"
	"io"
	"sync/atomic"

	"darsd/dars"
	"darsd/transfer/sftpd"
)

// A reception sends whoever comes to the counter as it is now: its house is
// another one after the configuration was read again.
type reception struct{ atomic.Pointer[counter] }

func (r *reception) SignIn(ctx context.Context, v dars.Visitor) (dars.PersonID, error) {
	return r.Load().SignIn(ctx, v)
}

func (r *reception) Root(ctx context.Context, who dars.PersonID) ([]sftpd.Entry, error) {
	return r.Load().Root(ctx, who)
}

func (r *reception) Open(ctx context.Context, who dars.PersonID, e sftpd.Entry) (sftpd.Content, error) {
	return r.Load().Open(ctx, who, e)
}

func (r *reception) May(ctx context.Context, who dars.PersonID, v dars.Visitor, e sftpd.Entry) error {
	return r.Load().May(ctx, who, v, e)
}

func (r *reception) Run(ctx context.Context, who dars.PersonID, v dars.Visitor, argv []string, in io.Reader, out, errw io.Writer) int {
	return r.Load().Run(ctx, who, v, argv, in, out, errw)
}

func (r *reception) Reserve(ctx context.Context, d sftpd.Download, bytes dars.Range) error {
	return r.Load().Reserve(ctx, d, bytes)
}

func (r *reception) Settle(ctx context.Context, d sftpd.Download, sent, confirmed dars.Ranges) error {
	return r.Load().Settle(ctx, d, sent, confirmed)
}

func (r *reception) Tray(who dars.PersonID) sftpd.Tray { return r.Load().Tray(who) }
