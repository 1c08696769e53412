package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"darsd/dars"
	"darsd/office"
)

func orgCommands(s *session) *cobra.Command {
	var org dars.Organisation
	add := s.do("add CODE NAME", "enter an organisation, by its ODS code", exactly(2), func(c *call) error {
		org.Code, org.Name = dars.OrgCode(c.args[0]), c.args[1]
		if err := (office.Parties{Office: c.Office}).AddOrganisation(c.ctx, c.act, org); err != nil {
			return err
		}
		return c.say(map[string]any{"code": org.Code}, "%s is entered", org.Code)
	})
	f := add.Flags()
	f.StringVar(&org.Address, "address", "", "its address")
	f.StringVar(&org.ICO, "ico", "", "its registration with the Information Commissioner")
	f.StringVar((*string)(&org.ICOExpires), "ico-expires", "", "the last day of that registration")
	f.StringVar(&org.Security, "security", "", "its security assurance, such as \"DSPT Standards Met\"")
	f.StringVar((*string)(&org.SecurityExpires), "security-expires", "", "the last day of that assurance")
	return group("org", "organisations",
		add,
		s.look("show CODE", "print an organisation", exactly(1), func(c *call) error {
			o, err := get(c, c.args[0], orgItself)
			if err != nil {
				return err
			}
			return c.showOrganisation(o)
		}),
		s.look("list", "print all organisations", exactly(0), func(c *call) error {
			all, err := list(c, orgItself)
			if err != nil {
				return err
			}
			return items(c, all, "CODE STATE NAME", func(o *dars.Organisation) []any { return []any{o.Code, o.State, o.Name} })
		}),
		assureCommand(s), sameCommand(s), apartCommand(s),
		s.do("hold CODE", "stop every release to an organisation, at once (--reason)", exactly(1), func(c *call) error {
			err := office.Parties{Office: c.Office}.Hold(c.ctx, c.act, dars.OrgCode(c.args[0]))
			return c.told(err, "%s is on hold", c.args[0])
		}),
		s.do("release-hold CODE", "end a hold", exactly(1), func(c *call) error {
			err := office.Parties{Office: c.Office}.ReleaseHold(c.ctx, c.act, dars.OrgCode(c.args[0]))
			return c.told(err, "%s is no longer on hold", c.args[0])
		}),
	)
}

// assureCommand enters what an organisation has renewed.
func assureCommand(s *session) *cobra.Command {
	var renewed dars.Standing
	cmd := s.do("assure CODE", "enter a renewed registration or security assurance", exactly(1), func(c *call) error {
		return c.told(office.Parties{Office: c.Office}.RenewStanding(c.ctx, c.act, dars.OrgCode(c.args[0]), renewed), "the assurances of %s are entered", c.args[0])
	})
	f := cmd.Flags()
	f.StringVar(&renewed.ICO, "ico", "", "its registration with the Information Commissioner")
	f.StringVar((*string)(&renewed.ICOExpires), "ico-expires", "", "the last day of that registration")
	f.StringVar(&renewed.Security, "security", "", "its security assurance, such as \"DSPT Standards Met\"")
	f.StringVar((*string)(&renewed.SecurityExpires), "security-expires", "", "the last day of that assurance")
	return cmd
}

// told prints what an act on the first argument has led to, unless it failed.
func (c *call) told(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return c.say(map[string]any{"ref": c.args[0], "done": fmt.Sprintf(format, args...)}, format, args...)
}

// Whose a noun is: outsiders see their own organisation's only.
func orgItself(o *dars.Organisation) dars.OrgCode       { return o.Code }
func orgOfPerson(p *dars.Person) dars.OrgCode           { return p.Org }
func orgOfContract(k *dars.Contract) dars.OrgCode       { return k.Org }
func orgOfApplication(p *dars.Application) dars.OrgCode { return p.Form.Organisation }
func orgOfAgreement(g *dars.Agreement) dars.OrgCode     { return g.Org }
func orgOfCertificate(k *dars.Certificate) dars.OrgCode { return k.Org }
func onlyTheOffice[T any](T) dars.OrgCode               { return dars.TheOffice }

func personCommands(s *session) *cobra.Command {
	return group("person", "people, and their keys",
		personAdd(s), keyAdd(s),
		s.do("key-confirm LOGIN FINGERPRINT", "confirm that a key is theirs; not the one who added it", exactly(2), func(c *call) error {
			err := office.Parties{Office: c.Office}.ConfirmKey(c.ctx, c.act, c.args[0], c.args[1])
			return c.told(err, "%s can sign in with %s", c.args[0], c.args[1])
		}),
		keyRevoke(s),
		personNetworks(s), delegateCommand(s),
		personShow(s),
		s.look("list", "print all people", exactly(0), func(c *call) error {
			all, err := list(c, orgOfPerson)
			if err != nil {
				return err
			}
			return items(c, all, "ID LOGIN ORG ROLES", func(p *dars.Person) []any {
				return []any{p.ID, p.Login, p.Org, strings.Trim(fmt.Sprint(p.Roles), "[]")}
			})
		}),
	)
}

func personAdd(s *session) *cobra.Command {
	var p dars.Person
	var roles []string
	var keyFile string
	cmd := s.do("add ORG LOGIN", "enter a person; ORG is \"office\" for one of ours", exactly(2), func(c *call) error {
		p.Org, p.Login = dars.OrgCode(c.args[0]), c.args[1]
		if p.Name == "" {
			return misuse{errors.New("say who it is with --name")}
		}
		for _, r := range roles {
			p.Roles = append(p.Roles, dars.Role(r))
		}
		if len(p.Roles) == 0 {
			return misuse{errors.New("say what they may do with --role; darsd process --roles lists the roles")}
		}
		var fingerprint, public string
		if keyFile != "" {
			var err error
			if fingerprint, public, err = c.readKey(keyFile); err != nil {
				return err
			}
		}
		id, err := office.Parties{Office: c.Office}.AddPerson(c.ctx, c.act, p, fingerprint, public)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id, "login": p.Login, "fingerprint": fingerprint}, "%s is %s of %s; key %s", id, p.Login, p.Org, fingerprint)
	})
	cmd.Flags().StringVar(&p.Name, "name", "", "their name")
	cmd.Flags().StringVar(&p.Email, "email", "", "their address for letters")
	cmd.Flags().StringSliceVar(&roles, "role", nil, "what they may do; may be given several times")
	cmd.Flags().StringVar(&keyFile, "key", "", "a file with their public SSH key")
	return cmd
}

func keyAdd(s *session) *cobra.Command {
	var keyFile string
	cmd := s.do("key-add LOGIN", "give somebody another key (--key FILE)", exactly(1), func(c *call) error {
		fingerprint, public, err := c.readKey(keyFile)
		if err != nil {
			return err
		}
		err = office.Parties{Office: c.Office}.AddKey(c.ctx, c.act, c.args[0], fingerprint, public)
		return c.told(err, "%s has the key %s", c.args[0], fingerprint)
	})
	cmd.Flags().StringVar(&keyFile, "key", "", "a file with the public SSH key")
	return cmd
}

func personShow(s *session) *cobra.Command {
	return s.look("show LOGIN", "print a person", exactly(1), func(c *call) error {
		found, err := office.Desk{Office: c.Office}.Person(c.ctx, c.args[0])
		if err != nil {
			return err
		}
		if !c.who.Inside() && found.Org != c.who.Org {
			return dars.Refuse("not-found", c.args[0], "there is no person with the login %s", c.args[0])
		}
		p, err := get(c, string(found.ID), orgOfPerson)
		if err != nil {
			return err
		}
		facts := []any{"person", p.ID, "login", p.Login, "name", p.Name, "organisation", p.Org, "roles", p.Roles, "email", p.Email}
		if p.Left != "" {
			facts = append(facts, "left", p.Left)
		}
		if len(p.Networks) > 0 {
			facts = append(facts, "networks", p.Networks)
		}
		stands, err := office.Desk{Office: c.Office}.StandsFor(c.ctx, p, c.Calendar.Day(c.act.At))
		if err != nil {
			return err
		}
		for _, d := range stands {
			facts = append(facts, "stands in", fmt.Sprintf("as %s for %s, from %s until %s", d.Role, c.names()(d.For), d.From, d.Until))
		}
		for _, k := range p.Keys {
			state := "waits for a second person's word"
			switch {
			case k.RevokedBy != "":
				state = "revoked"
			case k.ConfirmedBy != "":
				state = "good"
			}
			facts = append(facts, "key "+k.Fingerprint, state)
		}
		return c.facts(p, facts...)
	})
}

func keyRevoke(s *session) *cobra.Command {
	var all bool
	c := s.do("key-revoke LOGIN [FINGERPRINT]", "end a key at once; or every key (--all), of who has left", atLeast(1), func(c *call) error {
		parties := office.Parties{Office: c.Office}
		switch {
		case all && len(c.args) == 1:
			return c.told(parties.Leave(c.ctx, c.act, c.args[0]), "%s cannot sign in any more", c.args[0])
		case !all && len(c.args) == 2:
			return c.told(parties.RevokeKey(c.ctx, c.act, c.args[0], c.args[1]), "%s cannot sign in with %s any more", c.args[0], c.args[1])
		}
		return misuse{errors.New("name the key by its fingerprint, or say --all")}
	})
	c.Flags().BoolVar(&all, "all", false, "every key: the person has left")
	return c
}

func personNetworks(s *session) *cobra.Command {
	var anywhere bool
	c := s.do("networks LOGIN [NETWORK...]", "say from where alone somebody may sign in, or --anywhere", atLeast(1), func(c *call) error {
		var all []netip.Prefix
		for _, text := range c.args[1:] {
			n, err := parseNetwork(text)
			if err != nil {
				return err
			}
			all = append(all, n)
		}
		if anywhere == (len(all) > 0) {
			return misuse{errors.New("name the networks, or say --anywhere")}
		}
		err := office.Parties{Office: c.Office}.Networks(c.ctx, c.act, c.args[0], all)
		if anywhere {
			return c.told(err, "%s may sign in from anywhere", c.args[0])
		}
		return c.told(err, "%s may sign in from %s only", c.args[0], strings.Join(c.args[1:], ", "))
	})
	c.Flags().BoolVar(&anywhere, "anywhere", false, "from anywhere again")
	return c
}

// parseNetwork reads a network, or a single address.
func parseNetwork(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	n, err := netip.ParsePrefix(text)
	if err != nil {
		return n, misuse{fmt.Errorf("%q is not a network such as 192.0.2.0/24, nor an address", text)}
	}
	return n, nil
}

// readKey reads the public key that a command names.
func (c *call) readKey(file string) (fingerprint, public string, err error) {
	if file == "" {
		return "", "", misuse{errors.New("name the file of the public key with --key")}
	}
	open, err := c.input(file)
	if err != nil {
		return "", "", err
	}
	f, err := open()
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	return parseKey(file, f)
}

// readKey reads a public SSH key as ssh-keygen writes it.
func readKey(file string) (fingerprint, public string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", "", misuse{err}
	}
	defer f.Close()
	return parseKey(file, f)
}

func parseKey(name string, r io.Reader) (fingerprint, public string, err error) {
	text, err := io.ReadAll(io.LimitReader(r, 1<<16))
	if err != nil {
		return "", "", err
	}
	if name == "-" {
		name = "what came in"
	}
	if bytes.Contains(text, []byte("PRIVATE KEY")) {
		return "", "", misuse{fmt.Errorf("%s is the private half of a key, which nobody but its owner is to see: give the file that ends in .pub; if it came from somebody else, let them make another pair", name)}
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return "", "", misuse{fmt.Errorf("%s is no public SSH key: give the file that ends in .pub", name)}
	}
	return ssh.FingerprintSHA256(key), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))), nil
}
