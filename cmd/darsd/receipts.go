package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/office"

	"github.com/spf13/cobra"
)

type signedReceipt struct {
	Receipt   json.RawMessage `json:"receipt"`
	Key       string          `json:"key"`       // Ed25519, base64
	Signature string          `json:"signature"` // over the receipt as compact JSON
}

// signedReceipt is a receipt as it is handed out: the receipt, the office's key,
// and its signature over the receipt's compact JSON.
func (h *house) signedReceipt(r *dars.Receipt) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	key := h.vault.SigningKey()
	return json.MarshalIndent(signedReceipt{text, base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)),
		base64.StdEncoding.EncodeToString(ed25519.Sign(key, text))}, "", "  ")
}

// attested is when the person gave their word that they have all of it.
func attested(r *dars.Receipt) string {
	if r.Attested.IsZero() {
		return ""
	}
	return r.Attested.Format("2006-01-02 15:04 MST")
}

func receiptCommands(s *session) *cobra.Command {
	mine := func(c *call) ([]*dars.Receipt, error) {
		if c.who.Inside() {
			return list(c, onlyTheOffice[*dars.Receipt])
		}
		return list(c, func(*dars.Receipt) dars.OrgCode { return c.who.Org }, dars.By("person", c.act.Who))
	}
	var signed bool
	show := s.look("show RECEIPT", "print a receipt", exactly(1), func(c *call) error {
		all, err := mine(c)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(r *dars.Receipt) bool { return string(r.ID) == c.args[0] })
		if i < 0 {
			return dars.Refuse("not-found", c.args[0], "there is no receipt %s", c.args[0])
		}
		r := all[i]
		if signed {
			text, err := c.signedReceipt(r)
			if err == nil {
				_, err = fmt.Fprintln(c.env.stdout, string(text))
			}
			return err
		}
		return c.facts(r, "receipt", r.ID, "file", r.File, "path", r.Path, "person", c.names()(r.Person), "key", r.Key, "word", r.Word,
			"confirmed", fmt.Sprintf("%d of %d bytes", r.Confirmed, r.Size), "sent", r.Sent, "sha512", r.SHA512, "by their word", attested(r))
	})
	show.Flags().BoolVar(&signed, "signed", false, "as JSON with the office's signature, for darsd verify")
	return group("receipt", "receipts for what was collected",
		s.look("list", "print all receipts", exactly(0), func(c *call) error {
			all, err := mine(c)
			if err != nil {
				return err
			}
			names := c.names()
			return items(c, all, "RECEIPT FILE PERSON WORD CONFIRMED OF", func(r *dars.Receipt) []any {
				return []any{r.ID, r.File, names(r.Person), r.Word, r.Confirmed, r.Size}
			})
		}),
		show,
		s.do("confirm FILE SUM", "say that you have all of a file; SUM is its SHA-512 or SHA-256", exactly(2), func(c *call) error {
			id, err := office.Ledger{Office: c.Office}.Attest(c.ctx, c.act, dars.FileID(c.args[0]), c.args[1])
			if err != nil {
				return err
			}
			return c.say(map[string]any{"id": id, "file": c.args[0]}, "%s says that you have all of %s, by your word", id, c.args[0])
		}),
	)
}
