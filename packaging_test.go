package darsd_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The unit stays as confined as it is: at 1.2 by systemd's reckoning, of which 10 is not at
// all. The threshold is in tenths.
func TestUnitIsHardened(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatal("systemd-analyze is not installed, and DARSD_REQUIRE_ALL=1 asks for it")
		}
		t.Skip("systemd-analyze is not installed")
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=true", "--threshold=13", "packaging/darsd.service").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// What Go itself gives up for ends with status 2 unless it is told otherwise, and that of a
// wrong configuration is not tried again.
func TestUnitIsStartedAgain(t *testing.T) {
	unit := read(t, "packaging/darsd.service")
	for _, line := range []string{"Type=notify", "Restart=on-failure", "RestartPreventExitStatus=2", "Environment=GOTRACEBACK=crash", "WatchdogSec=5min"} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Errorf("the unit does not say %s", line)
		}
	}
}

func TestPackagingScriptsParse(t *testing.T) {
	for _, script := range []string{"deb.sh", "try.sh", "debian/postinst", "debian/prerm", "debian/postrm"} {
		if out, err := exec.CommandContext(t.Context(), "bash", "-n", "packaging/"+script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
	}
}
