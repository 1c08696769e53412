// Package configs reads the configuration of an office: where the program
// listens, what the office has settled of its rules, and which data it holds.
//
// What is written is checked twice. First whether the file says what it seems to
// say (spelling.go): a misspelt setting is an error that names its line, not a
// setting that does nothing, and what YAML would read as something else is
// refused. Then whether it can be so (check.go). All that is wrong is told at
// once, each with the setting's name and a way out.
package configs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"darsd/dars"
)

// Config holds all settings. It is read once, checked, and then only read. What
// is a path is complete: relative paths were relative to the data directory.
type Config struct {
	Office   dars.Office       `yaml:"office"`
	Database string            `yaml:"database"` // a path, or a postgres:// address
	SFTP     SFTP              `yaml:"sftp"`
	Web      Listener          `yaml:"web"`
	Metrics  Listener          `yaml:"metrics"`
	Mail     Mail              `yaml:"mail"`
	Vault    Vault             `yaml:"vault"`
	Seal     Seal              `yaml:"seal"`
	Trust    []Trust           `yaml:"trust"`
	Intake   Intake            `yaml:"intake"`
	Console  Console           `yaml:"console"`
	Wording  string            `yaml:"wording"`  // a folder with the office's own words and letterhead
	Schedule map[string]string `yaml:"schedule"` // lines as in a crontab, by name of the job
	Reports  Reports           `yaml:"reports"`
	Policy   Policy            `yaml:"policy"`
	Register Register          `yaml:"register"`
	Datasets dars.Catalogue    `yaml:"datasets"`

	data string // the data directory
}

// SFTP says how the endpoint behaves.
type SFTP struct {
	Listen     string        `yaml:"listen"`
	Public     string        `yaml:"public"`      // under which recipients reach it; listen, if not given
	Quiet      time.Duration `yaml:"quiet"`       // how long an upload is left alone before it is taken in
	PQOnly     bool          `yaml:"pq_only"`     // only key exchanges that a quantum computer does not undo
	LegacyMACs bool          `yaml:"legacy_macs"` // for curl and others with libssh2 up to 1.10
	Grace      time.Duration `yaml:"grace"`       // how long transfers may go on when the program stops

	LargestUpload Size        `yaml:"largest_upload"` // of one file in submit/
	UploadQuota   Size        `yaml:"upload_quota"`   // of all that lies in one person's submit/
	Authorities   []Authority `yaml:"authorities"`
}

// An Authority is a key that certifies the keys of people of some organisations
// (ssh-keygen -s).
type Authority struct {
	Key           string         `yaml:"key"` // as in a .pub file
	Organisations []dars.OrgCode `yaml:"organisations"`
}

// A Size is a number of bytes, written 500MB or 4GB.
type Size int64

// A Listener is an address to listen at; without one there is none.
type Listener struct {
	Listen string `yaml:"listen"`
}

// Mail says how mail leaves. Without a server it is written to outgoing-mail/.
type Mail struct {
	SMTP        string     `yaml:"smtp"`
	From        string     `yaml:"from"` // the office's own address if not given
	TLS         Encryption `yaml:"tls"`
	Credentials string     `yaml:"credentials"` // a file of two lines: a name, and its password; "" if the server asks for none
}

// An Encryption says what is asked of the line to the mail server.
type Encryption string

const (
	OpportunisticTLS Encryption = "opportunistic" // where the server offers it
	RequireTLS       Encryption = "require"       // with a good certificate, or nothing is sent
	ImplicitTLS      Encryption = "implicit"      // the same, on a port that begins with it
)

// A Console says what a local shell may do in the name of others.
type Console string

const (
	Full       Console = "full"        // anything
	ReadOnly   Console = "read-only"   // look, and change nothing
	BreakGlass Console = "break-glass" // anything, for a reason that is logged and told to compliance
)

// Vault says where the identity comes from that opens the files of the office: ""
// for keys/office.age, file:PATH, credential:NAME of systemd, or
// command:/PROGRAM ARGUMENT… whose output it is.
type Vault struct {
	Identity string `yaml:"identity"`
}

// Register is how published registers are read.
type Register struct {
	Headers map[string][]string `yaml:"headers"` // more of them, by fact: see dars.RegisterHeaders
}

// Seal says who stamps the time on papers: the address of an authority (RFC 3161), or
// "" for nobody.
type Seal struct {
	Timestamp string `yaml:"timestamp"`
}

// Trust is a file of certificates, in PEM, and for which organisations papers may be
// signed digitally under them. Where it is for several, the signer's own certificate
// names the one, by its name or code. CRL is a file with the authority's lists of what it
// has revoked, in PEM or DER, which the office fetches anew before they end: without a
// list that is good, nothing signed under it is taken in. "" does not ask: whoever may
// sign no longer is taken off the list.
type Trust struct {
	File          string         `yaml:"file"`
	CRL           string         `yaml:"crl"`
	Organisations []dars.OrgCode `yaml:"organisations"`
}

// Reports is where reports lie, and which are made and delivered by the clock. Without a
// folder they lie in reports/.
type Reports struct {
	Folder  string             `yaml:"folder"`
	Deliver []dars.ReportOrder `yaml:"deliver"`
}

// Intake is how files that come in are looked at. Scanner is where clamd listens: the
// path of its socket, or host:port; "" for no scanner.
type Intake struct {
	Scanner string `yaml:"scanner"`
}

// Policy is what the office has settled of its rules. A share is written 1% or
// 0.01.
type Policy struct {
	dars.Policy `yaml:",inline"`
	MaxShrink   float64 `yaml:"max_shrink"`  // of an objections list, against the one before
	MaxGrowth   float64 `yaml:"max_growth"`  // the same
	MaxInvalid  float64 `yaml:"max_invalid"` // of its lines
}

// Default returns the settings that apply where the file says nothing, for a
// data directory.
func Default(data string) *Config {
	c := defaults()
	c.complete(data)
	return c
}

func defaults() *Config {
	return &Config{
		Register: Register{Headers: map[string][]string{}},
		Office: dars.Office{
			Name:     "Data Release Office",
			Email:    "office@example.org",
			TimeZone: "Europe/London",
		},
		Database: "darsd.db",
		SFTP:     SFTP{Listen: "127.0.0.1:2022", Quiet: 60 * time.Second, Grace: 30 * time.Second, LargestUpload: 1 << 30, UploadQuota: 4 << 30, Authorities: []Authority{}},
		Web:      Listener{"127.0.0.1:8080"},
		Console:  BreakGlass,
		Trust:    []Trust{},
		Mail:     Mail{TLS: OpportunisticTLS},
		Wording:  "wording",
		Schedule: map[string]string{},
		Reports:  Reports{Deliver: []dars.ReportOrder{}},
		Policy: Policy{
			Policy: dars.Policy{
				Uphold:             "always",
				Unassured:          dars.RefuseUnassured,
				MaxAgeDays:         21,
				IndexCoverage:      0.95,
				QueriesADay:        50,
				DownloadWindowDays: 14,
				CertificateDays:    14,
				AuditAfterDays:     56,
				Ladders:            dars.Ladders{}, // completed from the standard ones
				Sanctions:          dars.DefaultSanctioning,
				AuditsPerYear:      12,
				Quorum:             dars.DefaultQuorum,
				Terms:              dars.StandardTerms,
				RefreshTolerance:   0.10,
				Prices:             []dars.PriceList{},
				VAT:                dars.NoVAT,
				PayTo:              []string{},
			},
			MaxShrink:  0.01,
			MaxGrowth:  0.25,
			MaxInvalid: 0.01,
		},
	}
}

// timetable is every job that can have a line of its own, and the line it has
// if nobody says otherwise.
func timetable() map[string]string {
	return map[string]string{
		"duties":            "0 6 * * *",   // before the office opens
		"compliance-report": "0 7 1 * *",   // what last month was like
		"digest":            "0 7 * * 1-5", // what is routine, on days on which people are there
	}
}

// Load reads a configuration file, for a data directory, and reports everything
// that is wrong with it at once.
func Load(file, data string) (*Config, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no configuration at %s: darsd init writes one, and --config names another", file)
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	c, err := Parse(text, data)
	if err != nil {
		return nil, fmt.Errorf("%s:\n%w", file, err)
	}
	return c, nil
}

// Parse is Load for the text of a file.
func Parse(text []byte, data string) (*Config, error) {
	c := defaults()
	wrong, err := read(text, c)
	if err != nil {
		return nil, err
	}
	if wrong = append(wrong, c.check()...); len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	c.complete(data)
	return c, nil
}

// complete fills in what follows from the rest.
func (c *Config) complete(data string) {
	c.data = data
	c.Policy.Ladders = c.Policy.Ladders.Over(dars.DefaultLadders())
	for name, line := range timetable() {
		c.Schedule[name] = cmp.Or(c.Schedule[name], line)
	}
	c.Mail.From = cmp.Or(c.Mail.From, c.Office.Email)
	c.Wording = c.Path(c.Wording)
	if c.Reports.Folder != "" {
		c.Reports.Folder = c.Path(c.Reports.Folder)
	}
	if c.Mail.Credentials != "" {
		c.Mail.Credentials = c.Path(c.Mail.Credentials)
	}
	if !c.Postgres() {
		c.Database = c.Path(c.Database)
	}
	for i := range c.Datasets {
		d := &c.Datasets[i]
		for j := range d.Files {
			d.Files[j].Path = c.Path(d.Files[j].Path)
			for k, path := range d.Files[j].More {
				d.Files[j].More[k] = c.Path(path)
			}
		}
		if d.Index != nil {
			d.Index.File = c.Path(d.Index.File)
		}
		for j := range d.Tables {
			d.Tables[j].File = c.Path(d.Tables[j].File)
		}
	}
}

// Path returns where a path of the configuration leads.
func (c *Config) Path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.data, p)
}

// Postgres reports whether the database is a server's, and no file.
func (c *Config) Postgres() bool { return strings.HasPrefix(c.Database, "postgres://") }
