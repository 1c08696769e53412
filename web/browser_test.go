package web_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"darsd/dars"
)

// TestInABrowser looks at every page in Chromium, on two phones and on a desk, with axe
// (WCAG 2.2 AA), and goes the ways that people go. DARSD_PICTURES names a folder that is
// to have pictures of what it saw.
func TestInABrowser(t *testing.T) {
	modules := os.Getenv("DARSD_NODE_MODULES")
	missing := ""
	for _, name := range []string{"playwright-core", "axe-core"} {
		if _, err := os.Stat(filepath.Join(modules, name)); modules == "" || err != nil {
			missing = "DARSD_NODE_MODULES does not name a folder that has the module " + name
		}
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		missing = "chromium is not installed"
	}
	if missing != "" {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatalf("%s, and DARSD_REQUIRE_ALL=1 asks for it", missing)
		}
		t.Skip(missing)
	}
	all := rows(320)
	for i := range all[:200] {
		all[i].Agreement = "DARS-NIC-000003-X0X0X-v1.0"
	}
	all[0].Corrections = []dars.Correction{{On: "2026-11-20", Act: "release withdraw", Was: map[string]string{"opt_outs": "N - " + strings.Repeat("consent", 20)}, Is: map[string]string{"opt_outs": "Y"}}}
	site := httptest.NewServer(site(t, edition(all)))
	defer site.Close()
	pages := []string{"/", "/?at=2026-03-01", "/?at=yesterday", "/register", "/register?q=nobody", "/register?page=2", "/register/releases/FILE0000002", "/agreements/DARS-NIC-000001-X0X0X-v1.0", "/agreements/DARS-NIC-000003-X0X0X-v1.0", "/register?agreement=DARS-NIC-000003-X0X0X-v1.0", "/register/releases/" + all[0].ID, "/agreements/fault",
		"/applications", "/applications?state=declined", "/applications?q=nobody", "/applications/DARS-NIC-000001-X0X0X", "/audits", "/findings", "/sanctions", "/recalls", "/nowhere", "/objections", "/publications", "/accessibility"}
	look := exec.Command("node", "testdata/browser.mjs", site.URL, chromium, os.Getenv("DARSD_PICTURES"))
	look.Env = append(os.Environ(), "PAGES="+strings.Join(pages, " "), "ORGANISATION=University of Leeds")
	out, err := look.CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
