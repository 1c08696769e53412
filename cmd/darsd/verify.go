package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/extract"
)

func verifyCommand(s *session) *cobra.Command {
	var keyFile string
	c := &cobra.Command{Use: "verify PATH", Short: "check a package, a paper or a receipt, with or without an office", Args: exactly(1), RunE: func(cmd *cobra.Command, args []string) error {
		if s.person != nil {
			return misuse{fmt.Errorf("verify looks at files on your own machine: run it there")}
		}
		call := &call{env: s.env, json: s.json, s: s, ctx: cmd.Context()}
		info, err := os.Stat(args[0])
		if err != nil {
			return misuse{err}
		}
		if info.IsDir() {
			key, err := readOfficeKey(keyFile)
			if err != nil {
				return err
			}
			return call.verifyPackage(args[0], key)
		}
		return call.verifyFile(args[0], keyFile)
	}}
	c.Flags().StringVar(&keyFile, "key", "", "what the office published: its office.pub, or of papers the certificate of its seal")
	return c
}

// readOfficeKey reads office.pub: "ed25519 BASE64".
func readOfficeKey(file string) (ed25519.PublicKey, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, misuse{err}
	}
	words := strings.Fields(string(text))
	if len(words) >= 2 && words[0] == "ed25519" {
		if key, err := base64.StdEncoding.DecodeString(words[1]); err == nil && len(key) == ed25519.PublicKeySize {
			return key, nil
		}
	}
	return nil, misuse{fmt.Errorf("%s is not the public key of an office: a line \"ed25519 BASE64\"", file)}
}

func (c *call) verifyPackage(dir string, key ed25519.PublicKey) error {
	r, err := extract.Verify(os.DirFS(dir), key)
	if err != nil {
		return dars.Refuse("not-whole", dir, "%s cannot be verified: %v", dir, err)
	}
	if !r.Valid {
		return dars.Refuse("not-whole", dir, "%s is not as the office made it: %s", dir, r.Wrong())
	}
	said := fmt.Sprintf("%s is whole: %d files, %d bytes", dir, r.Files, r.Bytes)
	if r.Objections != "" { // it is one of ours
		said += fmt.Sprintf(", %d rows", r.Rows)
		if r.RowsByWord > 0 {
			said += fmt.Sprintf(" (%d of them by its own word: the files are encrypted)", r.RowsByWord)
		}
		said += "\npatients' objections: " + r.Objections
	}
	return c.say(r, "%s\nsigned by %s: %s", said, r.Fingerprint, r.Key)
}

// verifyFile checks a paper or a receipt, told apart by content.
func (c *call) verifyFile(file, keyFile string) error {
	f, err := os.Open(file)
	if err != nil {
		return misuse{err}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, office.Largest))
	if err != nil {
		return err
	}
	if bytes.HasPrefix(text, []byte("%PDF-")) {
		var certificates []byte
		if keyFile != "" {
			if certificates, err = os.ReadFile(keyFile); err != nil {
				return misuse{err}
			}
		}
		if keyFile == "" && c.s.hasOffice() {
			here, err := c.s.open(c.ctx, nil)
			if err != nil {
				return err
			}
			return here.verifyRecorded(file, text)
		}
		return c.verifyPaper(file, text, certificates)
	}
	key, err := readOfficeKey(keyFile)
	if err != nil {
		return err
	}
	return c.verifyReceipt(file, text, key)
}

func (c *call) verifyReceipt(file string, text []byte, key ed25519.PublicKey) error {
	var signed signedReceipt
	var receipt dars.Receipt
	if json.Unmarshal(text, &signed) != nil || json.Unmarshal(signed.Receipt, &receipt) != nil || receipt.ID == "" {
		return misuse{fmt.Errorf("%s is neither a package nor a paper nor a receipt of ours", file)}
	}
	whose := "the key it was checked with is the one you gave"
	if key == nil {
		key, _ = base64.StdEncoding.DecodeString(signed.Key)
		whose = "the key is the receipt's own: it was not checked against the office's fingerprint (--key FILE)"
	}
	signature, _ := base64.StdEncoding.DecodeString(signed.Signature)
	var bare bytes.Buffer
	if json.Compact(&bare, signed.Receipt) != nil || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, bare.Bytes(), signature) {
		return dars.Refuse("bad-signature", receipt.ID, "%s: the signature is not the office's, or the receipt was altered", filepath.Base(file))
	}
	return c.say(receipt, "%s is genuine: %s (%s) is %s for %s, %d of %d bytes confirmed\nsigned by %s: %s",
		receipt.ID, receipt.File, receipt.Path, receipt.Word, receipt.Person, receipt.Confirmed, receipt.Size, extract.Fingerprint(key), whose)
}

func statusCommand(s *session) *cobra.Command {
	return s.look("status", "print who you are, what is ready for you, and what is asked of you", exactly(0), func(c *call) error {
		shelf, err := office.Desk{Office: c.Office}.Shelf(c.ctx, c.act.Who, c.act.At)
		if err != nil {
			return err
		}
		if c.json {
			return c.print(c.status(shelf, c.act.At))
		}
		_, err = io.WriteString(c.env.stdout, c.readme(shelf, c.act.At))
		return err
	})
}
