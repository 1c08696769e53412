package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"darsd/configs"
)

// Reading the configuration again changes what can be changed while people are at
// it; one that is wrong, or that would change what is open, changes nothing.
func TestTheConfigurationIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	stage := &stage{dir: dir, env: quiet()}
	if err := (keypair{"olive"}).do(t.Context(), stage); err != nil {
		t.Fatal(err)
	}
	h, err := found(t.Context(), quiet(), foundation{data: filepath.Join(dir, "office"), operator: "olive", key: stage.path("people/olive/id_ed25519.pub")})
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	starter := configs.Starter(configs.BreakGlass)
	for name, tt := range map[string]struct{ from, to, says string }{
		"another window":          {"download_window_days: 14", "download_window_days: 7", ""},
		"a misspelt setting":      {"download_window_days", "download_windows", "download_windows"},
		"a timetable of no hour":  {`duties: "0 6 * * *"`, `duties: "0 25 * * *"`, "duties"},
		"another database":        {"database: darsd.db", "database: other.db", "start it again"},
		"another place to listen": {"listen: 127.0.0.1:2022", "listen: 127.0.0.1:2023", "start it again"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(starter, tt.from, tt.to, 1)
			if changed == starter {
				t.Fatalf("the starter has no %q", tt.from)
			}
			if err := os.WriteFile(h.config, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			next, err := h.reread()
			if tt.says != "" {
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if next.Policy.DownloadWindowDays != 7 || h.Policy.DownloadWindowDays != 14 || next.Store != h.Store || next.vault != h.vault {
				t.Errorf("it is %d days, and was %d", next.Policy.DownloadWindowDays, h.Policy.DownloadWindowDays)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(h.dir, "other.db")); err == nil {
		t.Error("the other database was made")
	}
}
