package extract

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// The package is a BagIt bag (RFC 8493):
//
//	bagit.txt                    what this is
//	bag-info.txt                 whose it is, and Payload-Oxum: bytes and files under data/
//	data/…                       the data
//	manifest-sha512.txt          digests of data/…, as sha512sum -c reads them
//	datapackage.json             what the columns mean (Frictionless Data Package)
//	release.json                 under which agreement, with which objections list
//	release-note.pdf             the same on paper
//	office.pub                   the office's public key: "ed25519 " and the key in base64
//	tagmanifest-sha512.txt       digests of all of the above but data/
//	tagmanifest-sha512.txt.sig   the office's Ed25519 signature over the exact bytes of the file above, in base64
//
// So one signature stands for every byte: it covers the tag manifest, which
// covers the manifest, which covers the data.
const (
	bagitTxt       = "bagit.txt"
	bagInfoTxt     = "bag-info.txt"
	manifestTxt    = "manifest-sha512.txt"
	datapackage    = "datapackage.json"
	releaseJSON    = "release.json"
	releaseNote    = "release-note.pdf"
	officePub      = "office.pub"
	tagManifestTxt = "tagmanifest-sha512.txt"
	signature      = "tagmanifest-sha512.txt.sig"

	declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
)

// writeTags writes all but the data, and adds it to the result.
func writeTags(job Job, result *Result) error { return writeBag(job, result, describe(job, result)) }

// writeBag is writeTags for data that are described so.
func writeBag(job Job, result *Result, data dataPackage) error {
	info, err := bagInfo(job.Info, result)
	if err != nil {
		return err
	}
	described, err := marshal(data)
	if err != nil {
		return fmt.Errorf("%s: %w", datapackage, err)
	}
	key := job.Key.Public().(ed25519.PublicKey)
	tags := []tag{
		{bagitTxt, []byte(declaration)},
		{bagInfoTxt, info},
		{datapackage, described},
		{manifestTxt, manifest(result.Files, func(f Packed) Written { return f.Written })},
		{officePub, []byte("ed25519 " + base64.StdEncoding.EncodeToString(key) + "\n")},
	}
	if job.Release != nil {
		text, err := marshal(job.Release(result))
		if err != nil {
			return fmt.Errorf("%s: %w", releaseJSON, err)
		}
		tags = append(tags, tag{releaseJSON, text})
	}
	if job.Note != nil {
		paper, err := job.Note(result)
		if err != nil {
			return fmt.Errorf("%s: %w", releaseNote, err)
		}
		tags = append(tags, tag{releaseNote, paper})
	}
	if err := write(job, result, tags...); err != nil {
		return err
	}
	all := manifest(result.Tags, func(t Written) Written { return t })
	signed := ed25519.Sign(job.Key, all)
	return write(job, result,
		tag{tagManifestTxt, all},
		tag{signature, []byte(base64.StdEncoding.EncodeToString(signed) + "\n")})
}

// A tag is a file of the package beside the data.
type tag struct {
	path string
	text []byte
}

func write(job Job, result *Result, tags ...tag) error {
	for _, t := range tags {
		written, err := writeFile(job, t.path, t.text)
		if err != nil {
			return err
		}
		result.Tags = append(result.Tags, written)
	}
	return nil
}

// writeFile writes a file that is there as a whole.
func writeFile(job Job, path string, text []byte) (Written, error) {
	out, err := newSink(path, Recipients{}, job.Create)
	if err != nil {
		return Written{}, err
	}
	defer out.abandon()
	if err := out.write(text, nil); err != nil {
		return Written{}, err
	}
	return out.close()
}

// marshal writes JSON for people: indented, and without \u003c for <.
func marshal(v any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return text.Bytes(), err
}

// manifest has one line for each file, as sha512sum writes it.
func manifest[F any](files []F, of func(F) Written) []byte {
	var text bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&text, "%s  %s\n", of(f).SHA512, percent.Replace(of(f).Path))
	}
	return text.Bytes()
}

// In a manifest a path keeps to its line (RFC 8493, 2.1.3).
var (
	percent   = strings.NewReplacer("%", "%25", "\n", "%0A", "\r", "%0D")
	unpercent = strings.NewReplacer("%25", "%", "%0A", "\n", "%0a", "\n", "%0D", "\r", "%0d", "\r")
)

func bagInfo(lines []Info, result *Result) ([]byte, error) {
	var text bytes.Buffer
	for _, l := range lines {
		if l.Label == "" || strings.ContainsAny(l.Label, ":\r\n") || strings.TrimSpace(l.Label) != l.Label || strings.EqualFold(l.Label, "Payload-Oxum") {
			return nil, fmt.Errorf("%s: %q is no label", bagInfoTxt, l.Label)
		}
		// An address has lines; those after the first are indented.
		value := strings.Join(strings.FieldsFunc(l.Value, func(c rune) bool { return c == '\r' || c == '\n' }), "\n ")
		fmt.Fprintf(&text, "%s: %s\n", l.Label, value)
	}
	fmt.Fprintf(&text, "Payload-Oxum: %d.%d\n", result.bytes(), len(result.Files))
	return text.Bytes(), nil
}

func (r *Result) bytes() (n int64) {
	for _, f := range r.Files {
		n += f.Bytes
	}
	return n
}

// Fingerprint is how the office publishes its key, so that a recipient can tell
// it from the one in a bag: SHA-256 of the 32 bytes, in base64.
func Fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}
