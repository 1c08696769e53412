package extract

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Report says whether a package is whole and whose it is.
type Report struct {
	Valid       bool      `json:"valid"`        // no problem was found
	Files       int       `json:"files"`        // under data/
	Bytes       int64     `json:"bytes"`        // of them
	Rows        int64     `json:"rows"`         // in them
	RowsByWord  int64     `json:"rows_by_word"` // those of Rows in encrypted files: nobody has counted them, the package says so
	Objections  string    `json:"objections"`   // what was done about patients' objections
	Signed      bool      `json:"signed"`       // the signature is right, by the key below
	Fingerprint string    `json:"fingerprint"`  // of the key that was used
	Key         string    `json:"key"`          // whose key that is, in a sentence
	Problems    []Problem `json:"problems"`
}

// A Problem is one file and what is wrong with it.
type Problem struct {
	Path string `json:"path"`
	Kind string `json:"kind"` // missing, altered, extra, signature, malformed
	What string `json:"what"`
}

func (p Problem) String() string { return visible(p.Path) + ": " + p.What }

// visible is a text of a package on one line: names of files may hold anything.
func visible(text string) string {
	if strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return strconv.Quote(text)
	}
	return text
}

// Wrong says what is wrong with a package, in one sentence: the first few of its
// problems, and how many more there are.
func (r Report) Wrong() string {
	const few = 3
	var said []string
	for _, p := range r.Problems[:min(few, len(r.Problems))] {
		said = append(said, p.String())
	}
	if more := len(r.Problems) - few; more > 0 {
		said = append(said, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(said, "; ")
}

// Verify checks a package as RFC 8493 has it, and the office's signature: every
// file is named that is missing, altered, or there without being the office's.
// Whose a file is follows from what the office signs, [tagManifestTxt], and from
// the manifests that it names, and from nothing that anybody could have put beside
// them. The data are read once. With a nil key the one in the package is used, which shows that
// nothing was altered since it was signed, but not by whom: the report says so. A
// package that is whole is asked last whether what it says of itself is so: its
// rows, its columns, what was done about objections.
// The error is for a package that cannot be read.
func Verify(fsys fs.FS, key ed25519.PublicKey) (Report, error) {
	if key != nil && len(key) != ed25519.PublicKeySize {
		return Report{}, fmt.Errorf("the key is %d bytes, and an Ed25519 key has 32", len(key))
	}
	v := &verification{fsys: fsys, there: map[string]bool{}, claims: map[string][]claim{}, report: Report{Problems: []Problem{}}}
	if err := v.list(); err != nil {
		return Report{}, err
	}
	if !v.there[bagitTxt] && !v.there[tagManifestTxt] && !v.there[manifestTxt] {
		v.problem(".", "malformed", "this is no package: a package is the folder that holds %s%s", bagitTxt, v.inside())
		return v.report, nil
	}
	err := errors.Join(v.declaration(), v.manifests(), v.tags(), v.oxum(), v.signature(key))
	if err == nil {
		err = v.data()
	}
	slices.SortStableFunc(v.report.Problems, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	v.report.Valid = err == nil && len(v.report.Problems) == 0
	return v.report, err
}

// verification is a package while it is verified.
type verification struct {
	fsys   fs.FS
	files  []string // all there are, in order
	there  map[string]bool
	claims map[string][]claim // of each file
	report Report
}

// A claim is what a manifest says of a file.
type claim struct{ manifest, algorithm, digest string }

// algorithms are those of RFC 8493, 2.4.
var algorithms = map[string]func() hash.Hash{"sha512": sha512.New, "sha256": sha256.New, "sha1": sha1.New, "md5": md5.New}

// maxTag is more bytes than any tag file that is read whole can need.
const maxTag = 64 << 20

func (v *verification) problem(path, kind, what string, args ...any) {
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			args[i] = visible(arg)
		case []byte:
			args[i] = visible(string(arg))
		case error:
			args[i] = visible(arg.Error())
		}
	}
	if kind != "malformed" && slices.ContainsFunc(v.report.Problems, func(p Problem) bool { return p.Path == path && p.Kind == kind }) {
		return // two manifests say the same of it
	}
	v.report.Problems = append(v.report.Problems, Problem{path, kind, fmt.Sprintf(what, args...)})
}

// list finds every file. What is neither file nor folder (a link, a pipe) is
// never followed.
func (v *verification) list() error {
	return fs.WalkDir(v.fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
		case !d.Type().IsRegular():
			v.problem(name, "extra", "it is no file but a link or a device")
		default:
			v.files, v.there[name] = append(v.files, name), true
			if payload(name) {
				info, err := d.Info()
				if err != nil {
					return err
				}
				v.report.Files++
				v.report.Bytes += info.Size()
			}
		}
		return nil
	})
}

// inside names a package that lies in a folder which is none.
func (v *verification) inside() string {
	for _, name := range v.files {
		if dir, file := path.Split(name); file == bagitTxt {
			return ", such as " + visible(path.Clean(dir))
		}
	}
	return ""
}

func payload(name string) bool { return strings.HasPrefix(name, "data/") }

// read returns a tag file. One that is missing is a problem, and nil.
func (v *verification) read(name string) ([]byte, error) {
	if !v.there[name] {
		v.problem(name, "missing", "it is missing")
		return nil, nil
	}
	file, err := v.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxTag+1))
	if err == nil && len(text) > maxTag {
		v.problem(name, "malformed", "it is longer than 64 MiB")
		return nil, nil
	}
	return text, err
}

var bagitLines = regexp.MustCompile(`^BagIt-Version: (\d+)\.(\d+)(\r\n|\n|\r)Tag-File-Character-Encoding: (\S+)(\r\n|\n|\r)?$`)

func (v *verification) declaration() error {
	text, err := v.read(bagitTxt)
	if text == nil {
		return err
	}
	switch m := bagitLines.FindSubmatch(text); {
	case m == nil:
		v.problem(bagitTxt, "malformed", "it is not the two lines of a BagIt declaration")
	case string(m[1]) != "1" && string(m[1])+"."+string(m[2]) != "0.97":
		v.problem(bagitTxt, "malformed", "BagIt version %s.%s is not known", m[1], m[2])
	case !strings.EqualFold(string(m[4]), "utf-8"):
		v.problem(bagitTxt, "malformed", "the tag files are written in %s, and only UTF-8 is read", m[4])
	}
	return nil
}

// oxum compares what is under data/ with what bag-info.txt says of it.
func (v *verification) oxum() error {
	if !v.there[bagInfoTxt] {
		return nil // it is optional, and a tag manifest that names it has reported it
	}
	text, err := v.read(bagInfoTxt)
	if m := payloadOxum.FindSubmatch(text); m != nil {
		if got := fmt.Sprintf("%d.%d", v.report.Bytes, v.report.Files); got != string(m[1]) {
			v.problem(bagInfoTxt, "altered", "it says that the data are %s (bytes and files), and they are %s", m[1], got)
		}
	}
	return err
}

var payloadOxum = regexp.MustCompile(`(?mi)^Payload-Oxum:[ \t]*(\S+)`)

// signature checks who signed the tag manifest.
func (v *verification) signature(key ed25519.PublicKey) error {
	own, err := v.key()
	if err != nil {
		return err
	}
	switch {
	case key == nil && own == nil:
		v.report.Key = "no key: neither was one given nor does the package hold one"
		v.problem(officePub, "signature", "there is no key to check the signature with")
		return nil
	case key == nil:
		key = own
		v.report.Key = "the key in the package itself; it was not checked against the office's fingerprint"
	default:
		v.report.Key = "the key that was given"
		if own != nil && !own.Equal(key) {
			v.problem(officePub, "signature", "it is not the key that was given (%s)", Fingerprint(key))
		}
	}
	v.report.Fingerprint = Fingerprint(key)

	signed, err := v.read(tagManifestTxt)
	if signed == nil {
		return err
	}
	text, err := v.read(signature)
	if text == nil {
		return err
	}
	sig, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(sig) != ed25519.SignatureSize {
		v.problem(signature, "signature", "it is no Ed25519 signature in base64")
		return nil
	}
	if v.report.Signed = ed25519.Verify(key, signed, sig); !v.report.Signed {
		v.problem(signature, "signature", "it is not this key's signature of %s", tagManifestTxt)
	}
	return nil
}

// key returns the key in the package, or nil.
func (v *verification) key() (ed25519.PublicKey, error) {
	text, err := v.read(officePub)
	if text == nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("ed25519 ")))))
	if err != nil || len(key) != ed25519.PublicKeySize {
		v.problem(officePub, "malformed", "it does not hold a key: ed25519 and 32 bytes in base64")
		return nil, nil
	}
	return key, nil
}

var manifestName = regexp.MustCompile(`^(tag)?manifest-([a-z0-9]+)\.txt$`)

// manifests reads every manifest that there is, in both directions. What they say
// of a file is held against it when it is read.
func (v *verification) manifests() error {
	var errs []error
	signed := map[string]bool{tagManifestTxt: true, signature: true} // and what the first of them names
	ofData := map[string]map[string]bool{}                           // what each manifest of data names
	tags := false
	for _, name := range v.files {
		m := manifestName.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		ofTags, algorithm := m[1] != "", m[2]
		if algorithms[algorithm] == nil {
			v.problem(name, "malformed", "the digest %s is not known", algorithm)
			continue
		}
		text, err := v.read(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		named := v.manifest(name, text, algorithm, ofTags)
		switch {
		case !ofTags:
			ofData[name] = named
		case name == tagManifestTxt:
			maps.Copy(signed, named)
		}
		tags = tags || ofTags
	}
	if _, err := fs.Stat(v.fsys, "data"); err != nil {
		v.problem("data", "missing", "there is no folder of that name")
	}
	if len(ofData) == 0 {
		v.problem(manifestTxt, "missing", "there is no manifest of the data")
	}
	if !tags {
		v.problem(tagManifestTxt, "missing", "there is no manifest of the tag files, so nothing says whether they were altered")
	}
	v.others(signed, ofData)
	return errors.Join(errs...)
}

// others names the files that are not the office's: the tag files that its tag
// manifest does not name, and data that some manifest does not name, or only one
// that is not the office's.
func (v *verification) others(signed map[string]bool, ofData map[string]map[string]bool) {
	for _, file := range v.files {
		if !payload(file) {
			if v.there[tagManifestTxt] && !signed[file] {
				v.problem(file, "extra", "it is not the office's: %s does not name it", tagManifestTxt)
			}
			continue
		}
		ours := false
		for _, manifest := range slices.Sorted(maps.Keys(ofData)) {
			if ours = ours || signed[manifest] && ofData[manifest][file]; !ofData[manifest][file] {
				v.problem(file, "extra", "it is not named in %s", manifest)
			}
		}
		if v.there[tagManifestTxt] && len(ofData) > 0 && !ours {
			v.problem(file, "extra", "it is not the office's: no manifest that %s names has it", tagManifestTxt)
		}
	}
}

// manifest takes in what one manifest says, and returns the files that it names.
func (v *verification) manifest(name string, text []byte, algorithm string, ofTags bool) map[string]bool {
	named := map[string]bool{}
	lines := strings.FieldsFunc(string(bytes.TrimPrefix(text, []byte(bom))), func(c rune) bool { return c == '\n' || c == '\r' })
	for i, line := range lines {
		want, file, found := strings.Cut(line, " ")
		file = unpercent.Replace(strings.TrimPrefix(strings.TrimLeft(file, " \t"), "*"))
		file = strings.TrimPrefix(file, "./")
		switch {
		case !found || len(want) != 2*algorithms[algorithm]().Size() || strings.Trim(strings.ToLower(want), "0123456789abcdef") != "":
			v.problem(name, "malformed", "entry %d is not a digest and a path", i+1)
			continue
		case !fs.ValidPath(file) || file == "." || strings.Contains(file, `\`):
			v.problem(name, "malformed", "entry %d names a path outside the package", i+1)
			continue
		case payload(file) == ofTags:
			v.problem(name, "malformed", "entry %d, %s, belongs in the other manifest", i+1, file)
			continue
		case named[file]:
			v.problem(name, "malformed", "it names %s twice", file)
			continue
		}
		named[file] = true
		if !v.there[file] {
			v.problem(file, "missing", "%s names it, and it is missing", name)
			continue
		}
		v.claims[file] = append(v.claims[file], claim{name, algorithm, strings.ToLower(want)})
	}
	return named
}

// tags holds the tag files against the manifests.
func (v *verification) tags() error {
	var errs []error
	for _, file := range v.files {
		if !payload(file) {
			_, err := v.once(file, nil)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// once reads a file from its beginning to its end, once: for every digest that a
// manifest claims of it, and for whoever looks at it on the way. It returns the
// SHA-512 of data.
func (v *verification) once(name string, look func(io.Reader)) (sha512 string, err error) {
	sums := map[string]hash.Hash{}
	if payload(name) {
		sums["sha512"] = algorithms["sha512"]()
	}
	for _, c := range v.claims[name] {
		if sums[c.algorithm] == nil {
			sums[c.algorithm] = algorithms[c.algorithm]()
		}
	}
	var all []io.Writer
	for _, sum := range sums {
		all = append(all, sum)
	}
	if len(all) == 0 {
		return "", nil // nothing is said of it
	}
	file, err := v.fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	in := io.TeeReader(file, io.MultiWriter(all...))
	if look != nil {
		look(bufio.NewReaderSize(in, readAhead))
	}
	if _, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{in}, make([]byte, readAhead)); err != nil { // the rest
		return "", fmt.Errorf("%s: %w", name, err)
	}
	got := func(algorithm string) string { return hex.EncodeToString(sums[algorithm].Sum(nil)) }
	for _, c := range v.claims[name] {
		if subtle.ConstantTimeCompare([]byte(c.digest), []byte(got(c.algorithm))) != 1 {
			v.problem(name, "altered", "its %s is not the one in %s", c.algorithm, c.manifest)
		}
	}
	if sums["sha512"] != nil {
		sha512 = got("sha512")
	}
	return sha512, nil
}
