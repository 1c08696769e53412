package configs

import (
	"fmt"
	"maps"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// A list gathers what is wrong.
type list []error

func (l *list) say(format string, args ...any) { *l = append(*l, fmt.Errorf(format, args...)) }

// check returns everything that cannot be, each with its setting and a way out.
func (c *Config) check() []error {
	var wrong list
	wrong.office(c.Office)
	wrong.database(c.Database)
	wrong.headers(c.Register.Headers)
	wrong.address("sftp.listen", c.SFTP.Listen)
	if c.SFTP.Public != "" {
		wrong.address("sftp.public", c.SFTP.Public)
	}
	if c.SFTP.Quiet <= 0 {
		wrong.say("sftp.quiet: %s would take files in while they are being written: use 60s", c.SFTP.Quiet)
	}
	if c.SFTP.Grace < 0 {
		wrong.say("sftp.grace: %s is less than nothing: use 30s", c.SFTP.Grace)
	}
	if c.SFTP.LargestUpload < 1<<20 || c.SFTP.UploadQuota < c.SFTP.LargestUpload {
		wrong.say("sftp.largest_upload and sftp.upload_quota: a file may have 1MB at least, and at most the quota")
	}
	wrong.authorities(c.SFTP.Authorities)
	if c.Web.Listen != "" {
		wrong.address("web.listen", c.Web.Listen)
	}
	if c.Metrics.Listen != "" {
		wrong.address("metrics.listen", c.Metrics.Listen)
	}
	wrong.mail(c.Mail, c.Office)
	wrong.seal(c.Seal)
	wrong.trust(c.Trust)
	if s := c.Intake.Scanner; s != "" && !strings.HasPrefix(s, "/") {
		wrong.address("intake.scanner", s)
	}
	if !slices.Contains([]Console{Full, ReadOnly, BreakGlass}, c.Console) {
		wrong.say("console: %q is none of full, read-only and break-glass", c.Console)
	}
	wrong.schedule(c.Schedule)
	wrong = append(wrong, dars.CheckOrders(c.Reports.Deliver)...)
	wrong.policy(c.Policy)
	wrong.datasets(c.Datasets)
	return wrong
}

func (l *list) office(o dars.Office) {
	if strings.TrimSpace(o.Name) == "" {
		l.say("office.name: papers need the name of the office")
	}
	if _, err := mail.ParseAddress(o.Email); err != nil && o.Email != "" {
		l.say("office.email: %q is not an address such as office@example.org", o.Email)
	}
	// LoadLocation takes "" for UTC and Local for whatever the machine is set to.
	if _, err := time.LoadLocation(o.TimeZone); err != nil || o.TimeZone == "" || o.TimeZone == "Local" {
		l.say("office.timezone: %q is not a time zone such as Europe/London", o.TimeZone)
	}
}

func (l *list) seal(s Seal) {
	if u, err := url.Parse(s.Timestamp); s.Timestamp != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		l.say("seal.timestamp: %q is not an address such as https://stamps.example.org/tsr", s.Timestamp)
	}
}

func (l *list) trust(all []Trust) {
	for i, t := range all {
		if t.File == "" {
			l.say("trust: the %s has no file: give one with certificates in PEM", ordinal(i+1))
		}
		if len(t.Organisations) == 0 {
			l.say("trust: nobody signs under the %s: name its organisations", ordinal(i+1))
		}
	}
}

func (l *list) database(name string) {
	if name == "" || strings.Contains(name, "://") && !strings.HasPrefix(name, "postgres://") {
		l.say("database: %q is neither a path such as darsd.db nor a postgres:// address", name)
	}
}

func (l *list) address(setting, address string) {
	_, port, err := net.SplitHostPort(address)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		l.say(`%s: %q is not host:port, such as "127.0.0.1:2022"`, setting, address)
	}
}

func (l *list) mail(m Mail, o dars.Office) {
	if m.SMTP != "" {
		l.address("mail.smtp", m.SMTP)
	}
	if _, err := mail.ParseAddress(m.From); err != nil && m.From != "" {
		l.say("mail.from: %q is not an address such as office@example.org", m.From)
	}
	if m.From == "" && o.Email == "" {
		l.say("mail.from: letters need a sender: give this, or office.email")
	}
	switch m.TLS {
	case OpportunisticTLS:
		if m.Credentials != "" {
			l.say("mail.tls: a password is sent over an encrypted line only: with mail.credentials say require or implicit")
		}
	case RequireTLS, ImplicitTLS:
	default:
		l.say("mail.tls: %q is not opportunistic, require or implicit", m.TLS)
	}
	if m.Credentials != "" && m.SMTP == "" {
		l.say("mail.credentials: for which server? Give mail.smtp")
	}
}

func (l *list) authorities(all []Authority) {
	for i, a := range all {
		if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(a.Key)); err != nil || strings.Contains(key.Type(), "-cert-") {
			l.say("sftp.authorities: the %s key is no public SSH key: give the line of its .pub file", ordinal(i+1))
		}
		if len(a.Organisations) == 0 {
			l.say("sftp.authorities: the %s key is good for nobody: name its organisations", ordinal(i+1))
		}
	}
}

func (l *list) schedule(lines map[string]string) {
	known := slices.Sorted(maps.Keys(timetable()))
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		switch line := lines[name]; {
		case !slices.Contains(known, name):
			l.say("schedule.%s: there is no such job; there are %s", name, strings.Join(known, ", "))
		case len(strings.Fields(line)) != 5:
			l.say("schedule.%s: %q is not five fields as in a crontab, such as %q: minute, hour, day, month, day of the week", name, line, timetable()[name])
		}
	}
}

func (l *list) policy(p Policy) {
	if p.Unassured != dars.RefuseUnassured && p.Unassured != dars.AcceptUnassured {
		l.say("policy.unassured: say refuse or accept: whether record-level data may go to who is not known to be registered and secure")
	}
	if p.Uphold != "always" && p.Uphold != dars.UpholdByMatrix {
		l.say("policy.uphold: %q is none of always and by-matrix", p.Uphold)
	}
	if p.Population < 0 {
		l.say("policy.population: %d persons are fewer than none: leave it out, or say how many the objections list could name", p.Population)
	}
	if p.QueriesADay < 1 {
		l.say("policy.queries_a_day: %d questions a day are none: use 1 or more, or grant nobody system access", p.QueriesADay)
	}
	atLeast := func(setting string, days, least int) {
		if days < least {
			l.say("policy.%s: %d days are too few, use %d or more", setting, days, least)
		}
	}
	atLeast("max_age_days", p.MaxAgeDays, 1)
	atLeast("download_window_days", p.DownloadWindowDays, 1)
	atLeast("certificate_days", p.CertificateDays, 1)
	atLeast("audit_after_days", p.AuditAfterDays, p.CertificateDays+1)
	atLeast("sanctions.overdue_days", p.Sanctions.OverdueDays, 1)
	atLeast("sanctions.hold_days", p.Sanctions.HoldDays, 1)
	atLeast("sanctions.suspension_days", p.Sanctions.SuspensionDays, 1)
	atLeast("sanctions.termination_days", p.Sanctions.TerminationDays, 1)
	if p.AuditsPerYear < 1 {
		l.say("policy.audits_per_year: %d audits are none: use 1 or more", p.AuditsPerYear)
	}
	if q := p.Quorum; q.Members < 1 || q.Lay < 0 || q.Lay > q.Members {
		l.say("policy.quorum: %d members, %d of them lay, is no quorum: members is 1 or more, and lay no more than that", q.Members, q.Lay)
	}
	for _, term := range []struct {
		setting string
		months  int
	}{{"months", p.Terms.Months}, {"commercial", p.Terms.Commercial}, {"sublicence", p.Terms.Sublicence}, {"start_within", p.Terms.StartWithin}} {
		if term.months < 1 {
			l.say("policy.max_term.%s: %d months are no term, use 1 or more", term.setting, term.months)
		}
	}
	atMostAll := func(setting string, share float64) {
		if share > 1 {
			l.say("policy.%s: %g%% is more than all: use 100%% or less", setting, 100*share)
		}
	}
	atMostAll("index_coverage", p.IndexCoverage)
	atMostAll("max_shrink", p.MaxShrink)
	atMostAll("max_invalid", p.MaxInvalid)
	*l = append(*l, dars.CheckPrices(p.Prices)...)
	*l = append(*l, dars.CheckPaying(p.VAT, p.PayTo)...)
	*l = append(*l, dars.CheckLadders(p.Ladders)...)
}

// Codes, periods and columns become names of files and folders, on the
// recipients' machines too.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func (l *list) datasets(all dars.Catalogue) {
	seen := map[string]bool{}
	for i, d := range all {
		if !plainName.MatchString(d.Code) {
			l.say("datasets: the %s code is %q: use letters, digits, - and _, such as HES_APC", ordinal(i+1), d.Code)
			continue
		}
		if seen[d.Code] {
			l.say("datasets %s: code: there are two of this code", d.Code)
		}
		seen[d.Code] = true
		if d.Name == "" {
			l.say("datasets %s: name: papers need the name of the dataset", d.Code)
		}
		if d.IAO == "" {
			l.say("datasets %s: iao: give the login of its information asset owner", d.Code)
		}
		*l = append(*l, d.Check()...)
		l.format(d)
		l.files(d)
		l.fields(d)
	}
}

// readable reports whether a text of an encoding can be read; nothing is utf-8.
func readable(encoding string) bool {
	return slices.Contains([]string{"", "utf-8", "windows-1252"}, strings.ToLower(encoding))
}

func (l *list) format(d dars.Dataset) {
	if d.Index != nil && !readable(d.Index.Encoding) {
		l.say("datasets %s: index.encoding: %q cannot be read: say utf-8 or windows-1252, or convert the file", d.Code, d.Index.Encoding)
	}
	if !readable(d.Format.Encoding) {
		l.say("datasets %s: format.encoding: %q cannot be read: say utf-8 or windows-1252, or convert the files", d.Code, d.Format.Encoding)
	}
	if !slices.Contains(dars.Compressions, d.Format.Compression) {
		l.say("datasets %s: format.compression: %q is none of none, gzip and zstd", d.Code, d.Format.Compression)
	}
	if strings.ContainsAny(d.Format.Delimiter, "\r\n\"") {
		l.say("datasets %s: format.delimiter: %q ends a record or quotes a field, and cannot part two", d.Code, d.Format.Delimiter)
	}
}

func (l *list) files(d dars.Dataset) {
	if len(d.Files) == 0 {
		l.say("datasets %s: files: there is no file: give a period and its path", d.Code)
	}
	for _, f := range d.Files {
		if !plainName.MatchString(f.Period) {
			l.say("datasets %s: files.period: %q is not letters, digits, - and _, such as \"200199\"", d.Code, f.Period)
		}
		if f.Path == "" {
			l.say("datasets %s: files.path: the period %s has no file", d.Code, f.Period)
		}
		for i, path := range f.More {
			if path == "" || slices.Contains(f.Paths()[:i+1], path) {
				l.say("datasets %s: files.more: of the period %s the %s is empty or listed before, and its rows would count twice", d.Code, f.Period, ordinal(i+1))
			}
		}
		l.day(d, fmt.Sprintf("files.as_at of %s", f.Period), f.AsAt)
	}
	if d.Index != nil {
		l.day(d, "index.as_at", d.Index.AsAt)
	}
}

// day checks the day of a source. With an index there has to be one: an index
// older than its source does not know everybody in it.
func (l *list) day(d dars.Dataset, setting string, day dars.Day) {
	if _, err := dars.ParseDay(string(day)); day != "" && err != nil {
		l.say("datasets %s: %s: %w", d.Code, setting, err)
	}
	if day == "" && d.Index != nil {
		l.say("datasets %s: %s: give the day: an index has to be as new as what it is for", d.Code, setting)
	}
}

func (l *list) fields(d dars.Dataset) {
	seen := map[string]bool{}
	for i, f := range d.Fields {
		if f.Name == "" {
			l.say("datasets %s: fields: the %s has no name", d.Code, ordinal(i+1))
			continue
		}
		if seen[f.Name] {
			l.say("datasets %s: fields: %s is listed twice", d.Code, f.Name)
		}
		seen[f.Name] = true
		if !slices.Contains([]string{"", "string", "integer", "number", "date"}, f.Type) {
			l.say("datasets %s: fields.type: %s is %q, which is none of string, integer, number and date", d.Code, f.Name, f.Type)
		}
	}
	if !d.Format.Header && d.Date != "" && len(d.Fields) > 0 && !seen[d.Date] {
		l.say("datasets %s: date: %s is not one of fields", d.Code, d.Date)
	}
}

func ordinal(n int) string {
	if n%100/10 == 1 {
		return fmt.Sprintf("%dth", n)
	}
	switch n % 10 {
	case 1:
		return fmt.Sprintf("%dst", n)
	case 2:
		return fmt.Sprintf("%dnd", n)
	case 3:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

// headers are those of an office's own registers. Each stands for one fact.
func (l *list) headers(more map[string][]string) {
	taken := map[string]string{}
	for _, field := range slices.Sorted(maps.Keys(more)) {
		if dars.RegisterHeaders[field] == nil {
			l.say("register.headers: %q is none of the facts of a register, which are %s", field, strings.Join(dars.RegisterFields(), ", "))
		}
		for _, header := range more[field] {
			switch other := taken[strings.ToLower(header)]; {
			case strings.TrimSpace(header) == "":
				l.say("register.headers: %s has a header without letters", field)
			case other != "" && other != field:
				l.say("register.headers: %q cannot stand both for %s and for %s", header, other, field)
			}
			taken[strings.ToLower(header)] = field
		}
	}
}
