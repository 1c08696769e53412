package signed

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// stamps makes OpenSSL an authority of the test's own (RFC 3161), and returns what puts
// its word on some content.
func stamps(t *testing.T) func(testing.TB, *person, []byte) []byte {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	t.Setenv("STAMPS", dir)
	openssl := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	const settings = "../testdata/stamps.cnf"
	openssl("req", "-config", settings, "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", in("stamps.key"), "-out", in("stamps.pem"), "-days", "2")
	return func(t testing.TB, _ *person, content []byte) []byte {
		if err := os.WriteFile(in("content"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		openssl("ts", "-query", "-data", in("content"), "-sha256", "-cert", "-out", in("question"))
		openssl("ts", "-reply", "-config", settings, "-queryfile", in("question"), "-token_out", "-out", in("token"))
		token, err := os.ReadFile(in("token"))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
}

// The time stamp of an authority may cover a signed paper; it signs none itself, and is
// held against what it covers.
func TestTimeStamps(t *testing.T) {
	stamp := stamps(t)
	sealed, alice := paper(t), identity(t, "Alice")
	stamped := func(pdf []byte, first int, make func(testing.TB, *person, []byte) []byte) []byte {
		return countersigned(t, pdf, alice, countersignature{first: first, kind: "ETSI.RFC3161", rect: "0 0 0 0", make: make})
	}
	signed := countersigned(t, sealed, alice, countersignature{})
	good := stamped(signed, 30, stamp)
	for name, tt := range map[string]struct {
		pdf   []byte
		fault string
	}{
		"behind a signature":     {good, ""},
		"twice":                  {stamped(good, 40, stamp), ""},
		"alone":                  {stamped(sealed, 0, stamp), "no signature covers it"},
		"of something else":      {stamped(signed, 30, func(t testing.TB, p *person, c []byte) []byte { return stamp(t, p, c[1:]) }), "of something else"},
		"a signature as one":     {stamped(signed, 30, plainCMS), "time stamp on the paper is not right"},
		"a stamp as a signature": {countersigned(t, sealed, alice, countersignature{make: stamp}), "or is of something else"},
		"altered":                {rewritten(t, good, "(D:20260401100000Z)", "(D:20270401100000Z)"), "of something else"},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := judge(tt.pdf, len(sealed))
			if (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
				t.Fatalf("%v, want %q", err, tt.fault)
			}
			for i, s := range all {
				if s.Stamp != (i > 0) {
					t.Errorf("the %dth is a time stamp: %v", i+1, s.Stamp)
				}
			}
		})
	}
}
