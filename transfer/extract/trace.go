package extract

// A Trace says whose file a text was in: under which case its pseudonym was made,
// of which kind it is, and, where it tells, of which value. The value names a
// person: it is for the custodian who asked, and for no log.
type Trace struct {
	Pseudonym string `json:"pseudonym"`
	Stem      string `json:"ref"`
	Kind      string `json:"kind"`
	Value     string `json:"value,omitempty"` // "": too long to stand in the pseudonym
}

// TracePseudonyms looks in a text, such as one row of a file that was found, for
// pseudonyms, and tries the keys of the cases on them. That a pseudonym of none of
// them is taken for one of theirs has a probability of at most 2^-40 for each case
// and kind: with ten thousand cases and four kinds, one in 27 million.
func TracePseudonyms(text []byte, keys map[string][]byte, kinds []string) (found []Trace, err error) {
	all := FindPseudonyms(text)
	for stem, key := range keys {
		for _, kind := range kinds {
			p, err := NewPseudonyms(key, kind)
			if err != nil {
				return nil, err
			}
			for _, name := range all {
				if value, ok := p.Open(name); ok {
					found = append(found, Trace{name, stem, kind, value})
				}
			}
		}
	}
	return found, nil
}
