package main

import (
	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// get lends a noun to whoever runs the command, if they may see it, and notes that
// they looked.
func get[T any, P store.Noun[T]](c *call, ref string, org func(P) dars.OrgCode) (P, error) {
	n, err := office.Get(c.ctx, office.Desk{Office: c.Office}, c.act.Who, ref, org)
	if err != nil {
		return nil, err
	}
	return n, c.looked(n.Card().Kind, ref)
}

// list lends every noun of a kind that they may see.
func list[T any, P store.Noun[T]](c *call, org func(P) dars.OrgCode, keys ...dars.Key) ([]P, error) {
	return office.List(c.ctx, office.Desk{Office: c.Office}, c.act.Who, org, keys...)
}
