package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/store"
)

// Whoever restores an office from a backup loses what was collected after it. Recipients
// hold the receipts, signed by us; so may another machine to which they were copied.
func restoreCompareCommand(s *session) *cobra.Command {
	return &cobra.Command{Use: "compare RECEIPT...", Short: "name what receipts kept elsewhere know and we do not", Args: atLeast(1), RunE: func(cmd *cobra.Command, args []string) error {
		c, err := s.open(cmd.Context(), args)
		if err != nil {
			return err
		}
		files, err := receiptsIn(args)
		if err != nil {
			return err
		}
		var lost []string
		for _, file := range files {
			why, err := c.lost(file)
			if err != nil {
				return err
			}
			if why != "" {
				lost = append(lost, why)
			}
		}
		if len(lost) > 0 {
			return dars.Refuse("collected-since", "receipts", "%d of %d receipts tell of what this office does not know, so data have left that nothing here asks back: enter an incident, and ask for a certificate of each file by letter: %s", len(lost), len(files), strings.Join(lost, "; "))
		}
		return c.say(map[string]int{"receipts": len(files)}, "%d receipts, and the office knows of each all that it says", len(files))
	}}
}

// receiptsIn are files, and all receipts in folders.
func receiptsIn(args []string) (files []string, err error) {
	for _, arg := range args {
		err := filepath.WalkDir(arg, func(name string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() && (name == arg || strings.HasSuffix(name, ".receipt.json")) {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, misuse{err}
		}
	}
	if len(files) == 0 {
		return nil, misuse{errors.New("there is no receipt: they end with .receipt.json")}
	}
	return files, nil
}

// lost is what of a receipt the office does not know; "" if it knows all of it.
func (c *call) lost(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", misuse{err}
	}
	var signed signedReceipt
	var r dars.Receipt
	if json.Unmarshal(text, &signed) != nil || json.Unmarshal(signed.Receipt, &r) != nil || r.ID == "" {
		return "", misuse{fmt.Errorf("%s is no receipt", file)}
	}
	signature, _ := base64.StdEncoding.DecodeString(signed.Signature)
	var bare bytes.Buffer
	if json.Compact(&bare, signed.Receipt) != nil || !ed25519.Verify(c.vault.SigningKey().Public().(ed25519.PublicKey), bare.Bytes(), signature) {
		return "", dars.Refuse("bad-signature", r.ID, "%s: the signature is not this office's, or the receipt was altered", file)
	}
	var ours *dars.Receipt
	err = c.Store.View(c.ctx, func(tx *store.Tx) (err error) {
		ours, err = store.Get[dars.Receipt](tx, r.ID)
		return err
	})
	var no *dars.Refusal
	switch {
	case errors.As(err, &no):
		return fmt.Sprintf("%s of %s is not known: %s collected %s of release %s, %d bytes", r.ID, r.At.Format("2006-01-02"), r.Person, r.File, r.Release, r.Sent), nil
	case err != nil:
		return "", err
	case ours.File != r.File || ours.Person != r.Person || ours.SHA512 != r.SHA512:
		return fmt.Sprintf("%s of %s is another here: by the receipt %s collected %s of release %s, %d bytes", r.ID, r.At.Format("2006-01-02"), r.Person, r.File, r.Release, r.Sent), nil
	case ours.Sent < r.Sent || ours.Confirmed < r.Confirmed:
		return fmt.Sprintf("%s of %s says that %s has %d bytes of %s, and this office knows of %d", r.ID, r.At.Format("2006-01-02"), r.Person, r.Sent, r.File, ours.Sent), nil
	}
	return "", nil
}
