package signed

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf16"
)

// A comparison holds what one addition makes of a file against what the file was.
// Everything is forbidden but what it finds to be part of a signature.
type comparison struct {
	*growth
	was, is view
	a       addition

	settled map[int]bool // objects that were there and may have changed, since it was looked how
	fields  []int        // signature fields that are new, or signed now
}

// compare returns the signature fields that an addition signs, or why it is more than
// signatures.
func (g *growth) compare(n int) (*comparison, error) {
	c := &comparison{growth: g, was: view{g, n}, is: view{g, n + 1}, a: g.added[n], settled: map[int]bool{}}
	for _, check := range []func() error{c.catalogue, c.pages, c.details, c.rest} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// same compares two dictionaries, but for some keys.
func (c *comparison) same(was, is dict, but ...name) bool {
	for key := range is {
		if _, there := was[key]; !there && !slices.Contains(but, key) {
			return false
		}
	}
	for key, value := range was {
		if !slices.Contains(but, key) && !c.like(value, is[key], 0) {
			return false
		}
	}
	return true
}

// like compares two things. Some programs write anew as an object of its own what
// stood within another.
func (c *comparison) like(was, is thing, deep int) bool {
	if r, ok := is.(ref); ok && !reflect.DeepEqual(was, is) && c.fresh(r) == nil && !c.a.objects[int(r)].stream && deep <= maxNested {
		return c.like(was, c.is.get(r), deep+1)
	}
	switch was := was.(type) {
	case dict:
		is, ok := is.(dict)
		if !ok || len(is) != len(was) {
			return false
		}
		for key, value := range was {
			if other, there := is[key]; !there || !c.like(value, other, deep+1) {
				return false
			}
		}
		return true
	case list:
		is, ok := is.(list)
		return ok && slices.EqualFunc(was, is, func(a, b thing) bool { return c.like(a, b, deep+1) })
	}
	return reflect.DeepEqual(was, is)
}

// place settles what stands where there was something, or nothing, before. It may be
// the object that stood there, or a new one, and none that something else is made of: one
// that was a description of the paper, and a picture on it as well, would be another
// picture after the next signature.
func (c *comparison) place(was, is thing) error {
	now, ok := is.(ref)
	if !ok {
		return nil // it stands there itself
	}
	if reflect.DeepEqual(was, is) {
		if _, changed := c.a.objects[int(now)]; changed && c.was.pointers(now) > 1 {
			return errors.New("a part of the paper is part of something else as well, and was changed")
		}
		c.settled[int(now)] = true
		return nil
	}
	return c.fresh(now)
}

// fresh refuses an object that there was before.
func (c *comparison) fresh(r ref) error {
	if _, before := c.was.object(int(r)); before {
		return errors.New("a part of the paper was made a part of something else")
	}
	if _, now := c.a.objects[int(r)]; !now {
		return errors.New("something was added that points at nothing")
	}
	return nil
}

// catalogue compares what everything hangs from.
func (c *comparison) catalogue() error {
	root, _ := c.a.trailer["Root"].(ref)
	was, is := c.was.dict(root), c.is.dict(root)
	if is == nil || !c.same(was, is, "AcroForm", "DSS", "Metadata", "Extensions", "Version") {
		return errors.New("what opens with the paper was changed")
	}
	c.settled[int(root)] = true
	if err := c.form(was["AcroForm"], is["AcroForm"]); err != nil {
		return err
	}
	if err := c.place(was["DSS"], is["DSS"]); err != nil {
		return err
	}
	for key := range c.is.dict(is["DSS"]) { // certificates, and whether they were revoked
		if !slices.Contains([]name{"Type", "VRI", "Certs", "OCSPs", "CRLs"}, key) {
			return errors.New("what was added about certificates holds something else")
		}
	}
	if m, ok := is["Metadata"].(ref); ok {
		if o, _ := c.is.object(int(m)); !o.stream || c.is.dict(m)["Type"] != name("Metadata") {
			return errors.New("the description of the paper was changed into something else")
		}
	}
	return c.place(was["Metadata"], is["Metadata"])
}

// certificatesAlone reports whether the last additions to a file, which no signature
// covers, hold nothing but certificates and what says whether those were revoked (PAdES
// baseline B-LT). Nothing rests on them here, and nothing of them is seen.
func (g *growth) certificatesAlone(behind []*comparison) bool {
	return len(behind) > 0 && g.added[len(g.added)-1].ends == len(g.pdf) &&
		!slices.ContainsFunc(behind, func(c *comparison) bool { return !c.certificates() })
}

// certificates reports whether nothing was changed but where certificates hang from
// the catalogue, and when. What else was added hangs from nothing that was there.
func (c *comparison) certificates() bool {
	root, _ := c.a.trailer["Root"].(ref)
	was, is := c.was.dict(root), c.is.dict(root)
	store, _ := was["DSS"].(ref)
	info, _ := c.a.trailer["Info"].(ref)
	for number := range c.a.objects {
		if _, before := c.was.object(number); before && !slices.Contains([]ref{root, store, info}, ref(number)) {
			return false
		}
	}
	return is["DSS"] != nil && c.same(was, is, "DSS", "Extensions") && c.same(c.was.dict(c.described()), c.is.dict(c.a.trailer["Info"]), "ModDate")
}

// details compares the title and the like.
func (c *comparison) details() error {
	before, is := c.described(), c.a.trailer["Info"]
	for _, value := range c.is.dict(is) {
		switch value.(type) {
		case text, name, nil:
		default:
			return errors.New("the description of the paper was changed into something else")
		}
	}
	if is == nil {
		return nil
	}
	return c.place(before, is)
}

// described is where the title and the like stood before.
func (c *comparison) described() thing {
	if n := c.was.until; n > 0 {
		return c.added[n-1].trailer["Info"]
	}
	return c.ours.trailer["Info"]
}

// form compares the form: it may get signature fields, at its end.
func (c *comparison) form(was, is thing) error {
	if err := c.place(was, is); err != nil {
		return err
	}
	before, now := c.was.dict(was), c.is.dict(is)
	if !c.same(before, now, "Fields", "SigFlags", "DR", "DA", "Q", "NeedAppearances") || now["NeedAppearances"] != nil && c.is.get(now["NeedAppearances"]) != false {
		return errors.New("the form of the paper was changed")
	}
	if err := c.place(before["Fields"], now["Fields"]); err != nil {
		return err
	}
	added, err := c.longer(c.was.list(before["Fields"]), c.is.list(now["Fields"]))
	if err != nil {
		return fmt.Errorf("the fields of the paper were changed: %w", err)
	}
	for _, r := range added {
		if err := c.field(r); err != nil {
			return err
		}
		if slices.ContainsFunc(c.is.list(now["Fields"]), func(t thing) bool { return t != r && c.called(t) == c.called(r) }) {
			return errors.New("a field was added with the name of one that was there")
		}
	}
	for _, r := range c.was.list(before["Fields"]) {
		if err := c.signedLater(r); err != nil {
			return err
		}
	}
	return nil
}

// longer returns what stands in a list behind what stood there. Each is a new object.
func (c *comparison) longer(was, is list) (added []ref, err error) {
	if len(is) < len(was) || !reflect.DeepEqual(append(list{}, is[:len(was)]...), append(list{}, was...)) {
		return nil, errors.New("something is gone")
	}
	for _, t := range is[len(was):] {
		r, ok := t.(ref)
		if !ok || slices.Contains(added, r) {
			return nil, errors.New("something stands there that is no object of its own")
		}
		if err := c.fresh(r); err != nil {
			return nil, err
		}
		added = append(added, r)
	}
	return added, nil
}

// What a signature field and what shows it may say.
var (
	fieldKeys  = []name{"FT", "T", "TU", "TM", "Ff", "V", "Lock", "SV", "Kids"}
	widgetKeys = []name{"Type", "Subtype", "Rect", "P", "F", "AP", "AS", "MK", "BS", "Border", "M", "NM", "Parent", "DA", "DR", "Q", "H"}
)

// called is the name of a field, whichever way its letters are written.
func (c *comparison) called(field thing) string {
	said, _ := c.is.get(c.is.dict(field)["T"]).(text)
	if letters, wide := strings.CutPrefix(string(said), "\xfe\xff"); wide && len(letters)%2 == 0 {
		units := make([]uint16, len(letters)/2)
		for i := range units {
			units[i] = uint16(letters[2*i])<<8 | uint16(letters[2*i+1])
		}
		return string(utf16.Decode(units))
	}
	return string(said)
}

// field checks a signature field that was added.
func (c *comparison) field(r ref) error {
	d := c.is.dict(r)
	if d["FT"] != name("Sig") || c.called(r) == "" || d["Parent"] != nil {
		return errors.New("a field was added that is not for a signature")
	}
	if kids := c.is.list(d["Kids"]); d["Kids"] != nil {
		if only(d, fieldKeys) != nil || len(kids) != 1 {
			return errors.New("a signature field was added that is more than that")
		}
		kid, ok := kids[0].(ref)
		if !ok || c.fresh(kid) != nil || c.is.dict(kid)["Parent"] != r || only(c.is.dict(kid), widgetKeys) != nil {
			return errors.New("a signature field was added that is more than that")
		}
	} else if err := only(d, append(slices.Clone(fieldKeys), widgetKeys...)); err != nil {
		return err
	}
	c.signs(r)
	return nil
}

// signs notes a field that holds a signature.
func (c *comparison) signs(field ref) {
	if c.is.dict(field)["V"] != nil && !slices.Contains(c.fields, int(field)) {
		c.fields = append(c.fields, int(field))
	}
}

func only(d dict, keys []name) error {
	if d["StructParent"] != nil {
		return errStructure
	}
	for key := range d {
		if !slices.Contains(keys, key) {
			return fmt.Errorf("a signature field was added that is more than that: it has %q", short(string(key)))
		}
	}
	return nil
}

// short keeps a stranger's word short.
func short(s string) string { return s[:min(len(s), 40)] }

// signedLater checks a field that was added before without a signature, and may have
// one now. One of ours, or one that is signed, is not touched again.
func (c *comparison) signedLater(t thing) error {
	r, _ := t.(ref)
	if _, touched := c.a.objects[int(r)]; !touched {
		return nil
	}
	was, is := c.was.dict(r), c.is.dict(r)
	if _, ours := c.base[int(r)]; ours || was["V"] != nil || is["V"] == nil || !c.same(was, is, "V", "AP", "M", "F", "Rect", "MK", "Lock") {
		return errors.New("a signature that was there was changed")
	}
	if err := only(is, append(slices.Clone(fieldKeys), widgetKeys...)); err != nil {
		return err
	}
	c.settled[int(r)] = true
	c.signs(r)
	return nil
}

// pages compares the pages: each may get signatures that are seen on it.
func (c *comparison) pages() error {
	for n, page := range c.pageNumbers() {
		was, is := c.was.dict(ref(page)), c.is.dict(ref(page))
		if !c.same(c.was.withInherited(was), c.was.withInherited(is), "Annots") {
			return fmt.Errorf("page %d was changed", n+1)
		}
		c.settled[page] = true
		if err := c.place(was["Annots"], is["Annots"]); err != nil {
			return err
		}
		added, err := c.longer(c.was.list(was["Annots"]), c.is.list(is["Annots"]))
		if err != nil {
			return fmt.Errorf("what lies on page %d was changed: %w", n+1, err)
		}
		words := c.words(page)
		for _, r := range c.seen(c.is.list(is["Annots"]), added) {
			if err := c.widget(r, words); err != nil {
				return fmt.Errorf("page %d: %w", n+1, err)
			}
			c.signs(r) // some programs list the field here and not in the form
		}
	}
	return nil
}

// seen are the widgets that are new on a page, or look otherwise than before.
func (c *comparison) seen(all list, added []ref) []ref {
	for _, t := range all {
		if r, _ := t.(ref); c.settled[int(r)] && !slices.Contains(added, r) {
			added = append(added, r)
		}
	}
	return added
}

// What a widget may be set to: it is printed, or hidden, or locked. One that does not
// grow with its page would not stay where it stands; not to turn with it is nothing,
// since no page of ours is turned; nor is to be unseen by who does not know its kind.
const plainFlags = 1 | 2 | 4 | 16 | 64 | 128 | 512

// mostSeen is how much of a page the picture of a signature takes, at most, in square
// points: an eighth of A4. A larger one has room for terms that nobody agreed.
const mostSeen = 595 * 842 / 8

// widget checks how a signature is seen.
func (c *comparison) widget(r ref, words []box) error {
	d := c.is.dict(r)
	field := d
	if parent, ok := d["Parent"].(ref); ok {
		field = c.is.dict(parent)
	}
	err := only(d, append(slices.Clone(fieldKeys), widgetKeys...))
	if errors.Is(err, errStructure) {
		return err
	}
	if d["Subtype"] != name("Widget") || field["FT"] != name("Sig") || err != nil {
		return errors.New("something lies on it that is no signature")
	}
	if flags, _ := d["F"].(float64); flags != float64(int(flags)&plainFlags) {
		return errors.New("a signature lies on it that does not stay in its place")
	}
	rect, ok := boxOf(c.is.list(d["Rect"]))
	if !ok {
		return errors.New("a signature lies on it that has no place")
	}
	drawings := c.is.dict(d["AP"])
	if reflect.DeepEqual(d["AP"], c.was.dict(r)["AP"]) {
		drawings = nil // it was looked at when it was added
	}
	for state, looks := range drawings {
		drawn, ok := looks.(ref)
		o := c.a.objects[int(drawn)]
		if d, _ := o.value.(dict); !ok || !o.stream || d["Subtype"] != name("Form") || state != "N" && state != "R" && state != "D" || c.fresh(drawn) != nil {
			return errors.New("a signature lies on it that is not drawn as one is")
		}
	}
	if slices.ContainsFunc(words, rect.meets) {
		return errors.New("the picture of a signature lies over its words: put it where the page is empty")
	}
	if rect.size() > mostSeen {
		return errors.New("the picture of a signature takes more than an eighth of it: make it smaller")
	}
	return nil
}

// errStructure is said of what some programs add beside a signature for those to whom a
// page is read out. What is read out could then be something else than what is seen, and
// there is no need for it: a signature field says itself what it is.
var errStructure = errors.New("the program with which it was signed has also changed the structure of the paper, by which it is read out to who cannot see it: sign with another program")

// rest refuses changes of all that nothing above has looked at.
func (c *comparison) rest() error {
	wrong := error(nil)
	for number := range c.a.objects {
		if _, before := c.was.object(number); !before || c.settled[number] {
			continue
		}
		if kind := c.was.dict(ref(number))["Type"]; kind != name("StructElem") && kind != name("StructTreeRoot") {
			return errors.New("a part of the paper was changed")
		}
		wrong = errStructure
	}
	return wrong
}

// pageNumbers are the objects of the pages of the paper as it was issued, in order.
func (g *growth) pageNumbers() (all []int) {
	issued := view{g, 0}
	seen := map[int]bool{}
	var walk func(t thing)
	walk = func(t thing) {
		r, ok := t.(ref)
		if !ok || seen[int(r)] {
			return
		}
		seen[int(r)] = true
		d := issued.dict(r)
		if d["Type"] == name("Page") {
			all = append(all, int(r))
		}
		for _, kid := range issued.list(d["Kids"]) {
			walk(kid)
		}
	}
	walk(issued.dict(g.ours.trailer["Root"])["Pages"])
	return all
}
