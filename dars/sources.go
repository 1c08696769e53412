package dars

import "fmt"

// A Source is a file that a package was made from, as it was read: a period's data,
// the index of persons, a table of areas. It is evidence, and by it a source that was
// exchanged later is known, even for one with as many rows.
type Source struct {
	Path   string `json:"path"` // in the catalogue
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256,omitempty"` // of the bytes as they lie there, packed or not; "" if it could not be read
}

// changed says by what the sources that were read again, in the same order, are not
// those that were, or "". A file that was moved is the same; of a release that was
// made before digests were kept nobody can tell.
func changed(were, are []Source) string {
	if len(were) == 0 {
		return ""
	}
	if len(are) != len(were) {
		return fmt.Sprintf("it is %d files now, and was %d", len(are), len(were))
	}
	for i, now := range are {
		if now.SHA256 != were[i].SHA256 || now.Bytes != were[i].Bytes {
			return now.Path + " is another file now"
		}
	}
	return ""
}
