package dars

import (
	"fmt"
	"strings"
)

// An Endpoint is where data is collected, and how somebody makes sure that it is
// the office they have reached.
type Endpoint struct {
	Host, Port string
	Keys       []HostKey // the one that papers name first
}

// A HostKey is a key by which the office proves that it is the office.
type HostKey struct {
	Fingerprint string // "SHA256:…"
	Public      string // as in known_hosts, without the host
}

// Fingerprint is the one that stands on agreements and letters.
func (e Endpoint) Fingerprint() string {
	if len(e.Keys) == 0 {
		return ""
	}
	return e.Keys[0].Fingerprint
}

// KnownHosts is what goes into ~/.ssh/known_hosts, so that no client need ask.
func (e Endpoint) KnownHosts() string {
	host := e.Host
	if e.Port != "22" {
		host = "[" + e.Host + "]:" + e.Port
	}
	var b strings.Builder
	for _, k := range e.Keys {
		fmt.Fprintf(&b, "%s %s\n", host, k.Public)
	}
	return b.String()
}

// Config is what goes into ~/.ssh/config. Of the ciphers that every client has,
// the one named is the fastest.
func (e Endpoint) Config(login string) string {
	return fmt.Sprintf(`Host darsd
    HostName %s
    Port %s
    User %s
    IdentitiesOnly yes
    IdentityFile ~/.ssh/id_ed25519
    Ciphers aes128-gcm@openssh.com
`, e.Host, e.Port, login)
}

// Help is the part of a letter that says how to get there.
func (e Endpoint) Help(login string) string {
	return fmt.Sprintf("The host key of the server is %s.\nPut this into ~/.ssh/config, with the file of your own key:\n\n%s\nand this into ~/.ssh/known_hosts:\n\n%s",
		e.Fingerprint(), indented(e.Config(login)), indented(e.KnownHosts()))
}

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + line)
	}
	return b.String()
}

// HostKeys are the keys by which the office is known to clients, by fingerprint.
// They change in two acts with some weeks between: the next ones are prepared,
// and told to every client that comes; then they become the current ones.
type HostKeys struct {
	Current []string `json:"current"`
	Next    []string `json:"next"`
	Changed Day      `json:"changed"`
}

func (k *HostKeys) Card() Card {
	state := "settled"
	if len(k.Next) > 0 {
		state = "changing"
	}
	return Card{"host keys", "host-keys", state, nil}
}
