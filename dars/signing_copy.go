package dars

import (
	"fmt"
	"slices"
	"strings"
)

// A ReturnedCopy is which paper of the office's a scan or a print shows, and what of
// it.
type ReturnedCopy struct {
	Ref     string // of the agreement, the contract or the certificate
	Pages   int    // that the paper has
	Missing []int  // pages that are not there, or that cannot be told
	Words   string // the first digits of the hash of the paper's words, by the codes of its pages; "" where none was seen
	Unseen  string // why some pages cannot be told, where that is known
}

// MustBe refuses a copy of another print than the office issued, whose pages and words
// are given: a draft, or a paper that somebody has made to look like it.
func (c ReturnedCopy) MustBe(issued ReturnedCopy) error {
	if c.Words == "" || issued.Words == "" || c.Words == issued.Words && c.Pages == issued.Pages {
		return nil
	}
	return Refuse("other-words", c.Ref, "the pages are of a %s with other words than those that this office issued (%s on %d pages, by their codes; issued were %s on %d): print the paper that you got from us, sign it and send all of its pages",
		c.Ref, c.Words, c.Pages, issued.Words, issued.Pages)
}

// Lacks says in words which pages are missing, and why that may be; "" if none is.
func (c ReturnedCopy) Lacks() string {
	if len(c.Missing) == 0 {
		return ""
	}
	says := "It lacks the pages " + pageList(c.Missing)
	if c.Unseen != "" {
		says += " (" + c.Unseen + ")"
	}
	return says + ": send all pages in one file."
}

func pageList(pages []int) string { return strings.Trim(fmt.Sprint(pages), "[]") }

// CopyReceived notes that a signed copy came back. Two officers look at it with
// Confirm; whoever has confirmed an earlier one looks again.
func (c *Contract) CopyReceived(copy SignedCopy) error {
	if c.State != ContractIssued {
		return Refuse("wrong-step", c.ID, "contract %s is %s and waits for no signed copy", c.ID, c.State)
	}
	if err := c.Copy.stays(copy, string(c.ID)); err != nil {
		return err
	}
	c.Copy, c.ConfirmedBy = &copy, []PersonID{}
	c.Hands = slices.DeleteFunc(slices.Clone(c.Hands), func(h Hand) bool { return h.Step == "confirmed" })
	return nil
}
