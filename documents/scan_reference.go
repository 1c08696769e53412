package documents

import (
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

// codesOn are the codes seen on a page of the file, from 0. The child's word is no
// more to be trusted than the paper is: what is no code of ours is left out.
func (r Reading) codesOn(page int) (all []PageCode) {
	if page >= len(r.Codes) {
		return nil
	}
	for _, says := range r.Codes[page][:min(len(r.Codes[page]), maxCodesAPage)] {
		if c, err := ParsePageCode(says); err == nil {
			all = append(all, c)
		}
	}
	return all
}

// byCodes adds what the codes on a page say to what was found, or refuses a page of
// another paper, of another version, or of one with other words, by its name. Several
// codes are several pages on one sheet.
func (s *Sighting) byCodes(page int, codes []PageCode) error {
	for _, c := range codes {
		switch {
		case c.Mark != "" || !ofReference(c):
			s.foreign = append(s.foreign, fmt.Sprintf("page %d is of the %s on %s", page, c.kind(), named(c.Ref, c.Version)))
			continue
		case s.Ref != "" && (s.Ref != c.Ref || s.Version != c.Version):
			return dars.Refuse("several-references", "paper", "page %d is of %s and an earlier one of %s: send one paper at a time", page, named(c.Ref, c.Version), s.Paper())
		case s.Words != "" && s.Words != c.Words:
			return dars.Refuse("other-words", "paper", "page %d is of a %s with other words than that of which an earlier page is: send the pages of one print", page, s.Paper())
		case s.Said != 0 && s.Said != c.Pages:
			return dars.Refuse("pages-differ", "paper", "page %d says that it is page %d of %d, which does not agree with the others: send one print of the paper", page, c.Page, c.Pages)
		}
		s.Ref, s.Version, s.Said, s.Words = c.Ref, c.Version, c.Pages, c.Words
		s.Rehearsal = s.Rehearsal || c.Rehearsal
		s.saw(c.Page)
	}
	return nil
}

// ofReference reports whether a code is that of a paper which comes back.
func ofReference(c PageCode) bool {
	return header.MatchString(named(c.Ref, c.Version) + " page 1 of 1")
}

// kind names the paper of a code in words.
func (c PageCode) kind() string {
	if c.Mark == "" {
		return "paper"
	}
	return c.Mark
}

func (s *Sighting) saw(page int) {
	if !slices.Contains(s.Seen, page) {
		s.Seen = append(s.Seen, page)
	}
}

// unseen says of the pages of the file that showed nothing why, where that is known:
// their pictures may be in a form that is not read.
func (r Reading) unseen() string {
	var why []string
	for i, reason := range r.Unread {
		if reason == "" || len(r.codesOn(i)) > 0 || len(why) == 3 {
			continue
		}
		why = append(why, fmt.Sprintf("the picture on page %d of the file cannot be read: %s", i+1, firstWords(reason)))
	}
	return strings.Join(why, "; ")
}
