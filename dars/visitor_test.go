package dars_test

import (
	"net/netip"
	"testing"

	"darsd/dars"
)

func TestLetIn(t *testing.T) {
	trusted := []dars.Authority{{Fingerprint: "SHA256:university", Organisations: []dars.OrgCode{"RA1"}}}
	person := func() *dars.Person {
		return &dars.Person{ID: "P-000007", Org: "RA1", Login: "nora", Keys: []dars.PersonKey{
			{Fingerprint: "SHA256:good", ConfirmedBy: "P-000002"},
			{Fingerprint: "SHA256:unconfirmed"},
			{Fingerprint: "SHA256:revoked", ConfirmedBy: "P-000002", RevokedBy: "P-000003"},
		}, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}}
	}
	by := func(authority string, principals ...string) *dars.KeyCertificate {
		return &dars.KeyCertificate{Authority: authority, ID: "nora@uni", Principals: principals}
	}
	home := netip.MustParseAddr("192.0.2.17")
	for name, c := range map[string]struct {
		who  *dars.Person
		v    dars.Visitor
		rule string
	}{
		"a good key":                        {person(), dars.Visitor{Login: "nora", Key: "SHA256:good", From: home}, ""},
		"from an IPv6 network":              {person(), dars.Visitor{Login: "nora", Key: "SHA256:good", From: netip.MustParseAddr("2001:db8::1")}, ""},
		"an IPv4 address in IPv6's clothes": {person(), dars.Visitor{Login: "nora", Key: "SHA256:good", From: netip.MustParseAddr("::ffff:192.0.2.17")}, ""},
		"from elsewhere":                    {person(), dars.Visitor{Login: "nora", Key: "SHA256:good", From: netip.MustParseAddr("198.51.100.1")}, "wrong-network"},
		"from nowhere":                      {person(), dars.Visitor{Login: "nora", Key: "SHA256:good"}, "wrong-network"},
		"nobody":                            {&dars.Person{}, dars.Visitor{Key: "SHA256:good", From: home}, "no-entry"},
		"an unknown key":                    {person(), dars.Visitor{Login: "nora", Key: "SHA256:other", From: home}, "no-entry"},
		"an unknown key from elsewhere":     {person(), dars.Visitor{Login: "nora", Key: "SHA256:other"}, "no-entry"},
		"a key nobody confirmed":            {person(), dars.Visitor{Login: "nora", Key: "SHA256:unconfirmed", From: home}, "no-entry"},
		"a revoked key":                     {person(), dars.Visitor{Login: "nora", Key: "SHA256:revoked", From: home}, "key-revoked"},
		"a revoked key with a certificate":  {person(), dars.Visitor{Login: "nora", Key: "SHA256:revoked", Certificate: by("SHA256:university", "nora"), From: home}, "key-revoked"},
		"a certified key":                   {person(), dars.Visitor{Login: "nora", Key: "SHA256:other", Certificate: by("SHA256:university", "nora"), From: home}, ""},
		"certified, from elsewhere":         {person(), dars.Visitor{Login: "nora", Key: "SHA256:other", Certificate: by("SHA256:university", "nora"), From: netip.MustParseAddr("10.0.0.1")}, "wrong-network"},
		"certified for somebody else":       {person(), dars.Visitor{Login: "nora", Key: "SHA256:other", Certificate: by("SHA256:university", "sam"), From: home}, "no-entry"},
		"certified for nobody":              {person(), dars.Visitor{Login: "nora", Key: "SHA256:other", Certificate: by("SHA256:university"), From: home}, "no-entry"},
		"certified by a stranger":           {person(), dars.Visitor{Login: "nora", Key: "SHA256:other", Certificate: by("SHA256:stranger", "nora"), From: home}, "no-entry"},
		"certified, and left":               {&dars.Person{ID: "P-000009", Org: "RA1", Login: "nora", Left: "2026-03-01"}, dars.Visitor{Login: "nora", Key: "SHA256:other", Certificate: by("SHA256:university", "nora"), From: home}, "no-entry"},
		"certified by another's authority":  {&dars.Person{ID: "P-000008", Org: "RB2", Login: "nora"}, dars.Visitor{Login: "nora", Key: "SHA256:other", Certificate: by("SHA256:university", "nora"), From: home}, "no-entry"},
	} {
		t.Run(name, func(t *testing.T) {
			ruled(t, c.who.LetIn(c.v, trusted), c.rule)
		})
	}
}

func TestNetworks(t *testing.T) {
	p := &dars.Person{ID: "P-000007"}
	if err := p.SetNetworks([]netip.Prefix{netip.MustParsePrefix("192.0.2.17/24"), netip.MustParsePrefix("192.0.2.0/24")}); err != nil || len(p.Networks) != 1 || p.Networks[0].String() != "192.0.2.0/24" {
		t.Errorf("got %v, %v", p.Networks, err)
	}
	ruled(t, p.SetNetworks([]netip.Prefix{{}}), "bad-network")
	if err := p.SetNetworks(nil); err != nil || p.Networks != nil {
		t.Errorf("from anywhere again: %v, %v", p.Networks, err)
	}
}
