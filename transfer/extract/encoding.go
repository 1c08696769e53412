package extract

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"darsd/dars"
)

// Files are written in UTF-8 or in Windows-1252, as the catalogue says: of a
// dataset under format.encoding, of its index under index.encoding. What decides
// over a row (a number, a key) is read in one form, whichever it is.

const windows1252 = "windows-1252"

// latin reports whether a dataset is written in Windows-1252, where a byte is a
// letter.
func latin(d dars.Dataset) bool { return isLatin(d.Format.Encoding) }

func isLatin(encoding string) bool { return strings.EqualFold(encoding, windows1252) }

// utf8Of returns a text of an encoding in UTF-8.
func utf8Of(encoding string, text []byte) []byte {
	if !isLatin(encoding) || isASCII(text) {
		return text
	}
	decoded, _ := charmap.Windows1252.NewDecoder().Bytes(text) // every byte stands for something
	return decoded
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// validIn reports whether a text can be one of an encoding: Windows-1252 has five
// bytes that stand for nothing.
func validIn(encoding string, text []byte) bool {
	return !bytes.ContainsRune(utf8Of(encoding, text), utf8.RuneError)
}

// asWritten returns a word of the catalogue as it stands in the dataset's files.
func asWritten(d dars.Dataset, word string) []byte {
	if latin(d) {
		if encoded, err := charmap.Windows1252.NewEncoder().String(word); err == nil {
			return []byte(encoded)
		}
	}
	return []byte(word)
}

// numberIn reads an NHS number of a text, or says why it is none: whoever asks
// whose a row is, who is in a cohort or what a pseudonym is made of, asks here, or
// one person would be two. Most numbers are digits in either encoding; one that
// seems to be none may be so only for its spaces.
func numberIn(encoding string, text []byte) (dars.NHSNumber, string) {
	n, why := number(text)
	if why != "" && isLatin(encoding) {
		return number(utf8Of(encoding, text))
	}
	return n, why
}

// keyIn is what stands in a field, in UTF-8 and as [plain] has it: the form in
// which the keys of a source and of its index are compared. Capital letters and
// leading zeros stay as they are: b2 is not B2.
func keyIn(encoding string, field []byte) []byte { return plain(utf8Of(encoding, field)) }
