package dars

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// mostPlaces is from how many addresses one person may collect on one day before
// somebody should ask why: an office and a line at home are two.
const mostPlaces = 3

// UnusualDownloads are those of an organisation that somebody should ask about, in
// words: one person who has collected on one day from many addresses. The ledger keeps
// the address of the last handle on each file.
func UnusualDownloads(pages []*Collection, day func(time.Time) Day) (all []string) {
	type visit struct {
		who PersonID
		on  Day
	}
	from := map[visit][]string{}
	for _, c := range pages {
		if c.Address == "" || c.Sent().Bytes() == 0 {
			continue
		}
		v := visit{c.Person, day(c.Last)}
		if host := hostOf(c.Address); !slices.Contains(from[v], host) {
			from[v] = append(from[v], host)
		}
	}
	for v, hosts := range from {
		if len(hosts) > mostPlaces {
			all = append(all, fmt.Sprintf("%s collected from %d addresses on %s", v.who, len(hosts), v.on))
		}
	}
	slices.Sort(all)
	return all
}

// hostOf is an address without its port.
func hostOf(address string) string {
	if ap, err := netip.ParseAddrPort(address); err == nil {
		return ap.Addr().String()
	}
	return strings.TrimSpace(address)
}

// TriggeredBy is the trigger of an audit for which a line of a risk score stands, or "".
func TriggeredBy(factor string) string {
	return map[string]string{
		"CERTIFICATE_OVERDUE": "EXPIRED_NO_CERT", "ACTIONS_LATE": "LATE_ACTIONS", "COMPLAINT": "COMPLAINT",
		"UNUSUAL_DOWNLOADS": "UNUSUAL_DOWNLOADS", "SANCTIONED": "FOLLOW_UP", "LAST_RISK": "FOLLOW_UP",
	}[factor]
}
