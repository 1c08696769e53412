package configs_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"darsd/configs"
	"darsd/dars"
)

func TestStarterIsTheDefault(t *testing.T) {
	for _, text := range []string{configs.Starter(configs.BreakGlass), "", "# nothing\n"} {
		if c := parse(t, text); !reflect.DeepEqual(c, configs.Default("data")) {
			t.Errorf("%.40q gives\n%+v, the default is\n%+v", text, c, configs.Default("data"))
		}
	}
	if c := parse(t, configs.Starter(configs.Full)); c.Console != configs.Full {
		t.Errorf("asked for a full console, it starts with %s", c.Console)
	}
}

func TestStarterExampleIsADataset(t *testing.T) {
	d, err := parse(t, uncommented(t)).Datasets.Dataset("HES_APC")
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := d.File("200199"); !ok || f.Path != filepath.Join("data", "sources", "hes-apc-200199.csv") {
		t.Errorf("its files are %+v", d.Files)
	}
	if d.Index.File != filepath.Join("data", "sources", "hes-index.csv") {
		t.Errorf("its index is %s", d.Index.File)
	}
	if f, _ := d.Field("ADMIDATE"); len(f.Missing) != 2 || f.Missing[0] != "1800-01-01" {
		t.Errorf("its date is %+v", f)
	}
}

// A setting that is not in the starter would be known to nobody.
func TestStarterHasEverySetting(t *testing.T) {
	text := uncommented(t)
	var look func(reflect.Type)
	look = func(kind reflect.Type) {
		for kind.Kind() == reflect.Slice || kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		if kind.Kind() != reflect.Struct {
			return
		}
		for i := range kind.NumField() {
			name, _, _ := strings.Cut(kind.Field(i).Tag.Get("yaml"), ",")
			if name != "" && !strings.Contains(text, " "+name+":") && !strings.Contains(text, "\n"+name+":") {
				t.Errorf("%s of %s is not in the starter", name, kind)
			}
			look(kind.Field(i).Type)
		}
	}
	look(reflect.TypeFor[configs.Config]())
	for name := range configs.Default("data").Schedule {
		if !strings.Contains(text, "\n  "+name+":") {
			t.Errorf("the job %s is not in the starter", name)
		}
	}
}

// uncommented is the starter with its example taken out of the comment.
func uncommented(t *testing.T) string {
	settings, example, ok := strings.Cut(configs.Starter(configs.BreakGlass), "# datasets:\n")
	if !ok {
		t.Fatal("the starter has no example dataset")
	}
	text := settings + "datasets:\n"
	for line := range strings.Lines(example) {
		text += strings.TrimPrefix(line, "# ")
	}
	return text
}

// prices are lists of an office's own.
func prices(lists string) string { return "policy:\n  prices:\n  " + lists + "\n" }

func TestPricesAreRead(t *testing.T) {
	got := parse(t, prices("- {name: ours, from: 2026-04-01, items: {new-application: '£1,000', change: £750.50}}")).Policy.PriceLists()
	want := []dars.PriceList{{Name: "ours", From: "2026-04-01", Items: map[string]dars.Pence{"new-application": 100000, "change": 75050}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the lists are %+v", got)
	}
	if got := configs.Default("data").Policy.PriceLists(); !reflect.DeepEqual(got, dars.PublishedPrices) {
		t.Errorf("without any the lists are %+v", got)
	}
}

func TestParse(t *testing.T) {
	tests := map[string]struct {
		text string
		want string // one line of what is wrong, or nothing
	}{
		"misspelt setting": {
			"sftp:\n  lissten: x\n",
			"line 2, column 3: sftp.lissten: there is no such setting; there are listen, public, quiet, pq_only, legacy_macs, grace, largest_upload, upload_quota, authorities",
		},
		"misspelt setting of a dataset":   {dataset("codee: X"), "datasets.codee: there is no such setting"},
		"header of no fact":               {"register: {headers: {colour: [Blue]}}", `register.headers: "colour" is none of the facts of a register, which are agreement, `},
		"header of two facts":             {"register: {headers: {org: [Who], study: [who]}}", `register.headers: "who" cannot stand both for org and for study`},
		"header without letters":          {"register: {headers: {org: [' ']}}", "register.headers: org has a header without letters"},
		"header of one's own":             {"register: {headers: {org: [Sent to]}}", ""},
		"no host":                         {"sftp: {listen: '2022'}", `sftp.listen: "2022" is not host:port, such as "127.0.0.1:2022"`},
		"no port":                         {"web: {listen: 'localhost'}", `web.listen: "localhost" is not host:port`},
		"port too high":                   {"metrics: {listen: ':70000'}", `metrics.listen: ":70000" is not host:port`},
		"listening nowhere":               {"web: {listen: ''}\nmetrics: {listen: ''}", ""},
		"without unit":                    {"sftp: {quiet: 60}", `line 1, column 15: sftp.quiet: "60" is not a length of time such as 60s or 2m`},
		"no time at all":                  {"sftp: {quiet: 0s}", "sftp.quiet: 0s would take files in while they are being written"},
		"less than no time":               {"sftp: {grace: -1s}", "sftp.grace: -1s is less than nothing"},
		"neither true nor false":          {"sftp: {pq_only: yes}", `sftp.pq_only: "yes" is neither true nor false`},
		"a size":                          {"sftp: {largest_upload: 20 MB, upload_quota: 20971520}", ""},
		"no size":                         {"sftp: {largest_upload: much}", `sftp.largest_upload: "much" is not a size such as 500MB or 4GB`},
		"a size beyond all":               {"sftp: {upload_quota: 99999999999TB}", `sftp.upload_quota: "99999999999TB" is not a size`},
		"a file larger than the quota":    {"sftp: {largest_upload: 5GB}", "sftp.largest_upload and sftp.upload_quota: a file may have 1MB at least"},
		"no key of an authority":          {"sftp: {authorities: [{key: x, organisations: [RA1]}]}", "sftp.authorities: the 1st key is no public SSH key"},
		"an authority for nobody":         {"sftp: {authorities: [{key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ}]}", "sftp.authorities: the 1st key is good for nobody"},
		"other database":                  {"database: mysql://x", "database: \"mysql://x\" is neither a path such as darsd.db nor a postgres:// address"},
		"no such zone":                    {"office: {timezone: London}", `office.timezone: "London" is not a time zone such as Europe/London`},
		"the machine's zone":              {"office: {timezone: Local}", "office.timezone"},
		"no name":                         {"office: {name: ' '}", "office.name: papers need the name of the office"},
		"no address":                      {"mail: {from: office}", `mail.from: "office" is not an address such as office@example.org`},
		"a line in the clear":             {"mail: {smtp: 'm:25', credentials: x}", "mail.tls: a password is sent over an encrypted line only"},
		"no such encryption":              {"mail: {tls: perhaps}", `mail.tls: "perhaps" is not opportunistic, require or implicit`},
		"a password for nobody":           {"mail: {tls: require, credentials: x}", "mail.credentials: for which server? Give mail.smtp"},
		"no sender":                       {"office: {email: ''}", "mail.from: letters need a sender"},
		"a time stamp of nobody":          {"seal: {timestamp: example.org}", `seal.timestamp: "example.org" is not an address such as https://stamps.example.org/tsr`},
		"other console":                   {"console: open", `console: "open" is none of full, read-only and break-glass`},
		"other job":                       {"schedule: {lunch: '0 12 * * *'}", "schedule.lunch: there is no such job; there are compliance-report, digest, duties"},
		"no timetable":                    {"schedule: {duties: daily}", `schedule.duties: "daily" is not five fields as in a crontab, such as "0 6 * * *"`},
		"objections sometimes":            {"policy: {uphold: sometimes}", `policy.uphold: "sometimes" is none of always and by-matrix`},
		"a population below nobody":       {"policy: {population: -1}", `policy.population: -1 persons are fewer than none: leave it out, or say how many the objections list could name`},
		"half a day":                      {"policy: {max_age_days: 1.5}", `policy.max_age_days: "1.5" is not a whole number such as 14`},
		"a number in quotes":              {"policy: {max_age_days: '21'}", `policy.max_age_days: "21" is not a whole number such as 14, without quotes`},
		"octal day":                       {"policy: {max_age_days: 021}", `policy.max_age_days: "021" is not a whole number`},
		"no day":                          {"policy: {download_window_days: 0}", "policy.download_window_days: 0 days are too few, use 1 or more"},
		"audit before the certificate":    {"policy: {certificate_days: 60}", "policy.audit_after_days: 56 days are too few, use 61 or more"},
		"a quarter without %":             {"policy: {max_growth: 25}", `policy.max_growth: "25" is not a share such as 1% or 0.01`},
		"prices of the office's own":      {prices("- {name: ours, from: 2026-04-01, items: {new-application: '£1,000', change: £750.50}}"), ""},
		"an item that nobody knows":       {prices("- {name: ours, from: 2026-04-01, items: {new_application: £1000}}"), "line 3, column 44: policy.prices.items.new_application: there is no such setting; there are new-application, change, annual-review"},
		"pounds or pence":                 {prices("- {name: ours, from: 2026-04-01, items: {change: 103000}}"), `line 3, column 52: policy.prices.items.change: "103000" is not an amount such as £1,030 or £434.50`},
		"less than no money":              {prices("- {name: ours, from: 2026-04-01, items: {change: -£1}}"), `"-£1" is not an amount`},
		"prices from no day":              {prices("- {name: ours, from: April, items: {change: £1}}"), `line 3, column 24: policy.prices.from: "April" is not a date such as 2026-03-31`},
		"prices in no order":              {prices("- {name: b, from: 2026-04-01, items: {change: £1}}\n  - {name: a, from: 2026-04-01, items: {change: £1}}"), "policy.prices: list 2: from: 2026-04-01 is not after 2026-04-01: put the lists in order"},
		"prices without a name":           {prices("- {from: 2026-04-01, items: {change: £1}}"), "policy.prices: list 1: name: quotes need the name of the list"},
		"prices of nothing":               {prices("- {name: a, from: 2026-04-01}"), "policy.prices: list 1: items: there is none"},
		"more than all":                   {"policy: {index_coverage: 101%}", "policy.index_coverage: 101% is more than all"},
		"more than twice":                 {"policy: {max_growth: 150%}", ""},
		"reminders out of order":          {ladders("agreement: {before: [7, 14]}"), "policy.ladders.agreement.before: [7 14] are not days in order, from the longest before the day to the shortest"},
		"chases out of order":             {ladders("certificate: {after: [14, 14]}"), "policy.ladders.certificate.after: [14 14] are not days in order"},
		"a chase on the day itself":       {ladders("ico: {after: [0, 14]}"), "policy.ladders.ico.after: [0 14] are not days in order"},
		"no reminders":                    {ladders("agreement: {before: []}"), ""},
		"a ladder about nothing":          {ladders("holiday: {before: [7]}"), "policy.ladders.holiday: there is no such ladder; there are contract, agreement, certificate"},
		"a letter to nobody":              {ladders("window: {to: [everybody]}"), `policy.ladders.window.to: nobody is called "everybody": choose among contact, recipients`},
		"letters to nobody at all":        {ladders("window: {to: []}"), "policy.ladders.window.before: what is sent 7 days before goes to nobody: name somebody in to, or take the step away"},
		"later ones to nobody":            {ladders("certificate: {to: []}"), "policy.ladders.certificate.after: what is sent 15 days after goes to nobody"},
		"a higher one to nobody":          {ladders("window: {higher: [{from: 0, to: [chief]}]}"), `policy.ladders.window.higher.to: nobody is called "chief"`},
		"a misspelt step":                 {ladders("window: {befor: [7]}"), "policy.ladders.window.befor: there is no such setting; there are before, after, to, higher"},
		"reminders as they were":          {"policy: {reminders: [30, 7]}", "line 1, column 10: policy.reminders: this is written elsewhere now: policy: {ladders: {agreement: {before: [90, 30]}}}"},
		"chases as they were":             {"policy: {chases: [14]}", "policy.chases: this is written elsewhere now: policy: {ladders: {certificate: {after: [14, 28]}}}"},
		"an empty group":                  {"sftp:\npolicy:\nschedule:\n", ""},
		"text where a group belongs":      {"web: 127.0.0.1:8080", `line 1, column 6: web: "127.0.0.1:8080" stands where a group of settings belongs`},
		"a list where text belongs":       {"database: [x]", "database: a list stands where a single value belongs"},
		"a list in place of the file":     {"- office", "line 1, column 1: the file: a list stands where a group of settings belongs"},
		"an anchor":                       {"database: &db x", "database: &, * and ! have no meaning here"},
		"the same setting twice":          {"web:\n  listen: :1\nweb:\n  listen: :2\n", "line 3, column 1: mapping key \"web\" already defined"},
		"two documents":                   {"console: full\n---\nconsole: full\n", "there are several documents in one file"},
		"an open quotation":               {"database: \"x\n", "line 1, column 11: could not find end character of double-quoted text"},
		"a dataset":                       {dataset(""), ""},
		"dataset twice":                   {dataset("") + "- code: HES_APC\n", "datasets HES_APC: code: there are two of this code"},
		"dataset without a code":          {"datasets:\n- name: X\n", `datasets: the 1st code is "": use letters, digits, - and _, such as HES_APC`},
		"code that leaves the folder":     {"datasets:\n- code: ../x\n", `datasets: the 1st code is "../x"`},
		"period that leaves the folder":   {dataset("files: [{period: '../x', path: x}]"), `datasets HES_APC: files.period: "../x" is not letters`},
		"period without quotes":           {dataset("files:\n  - period: 0102\n    path: x\n"), `line 9, column 13: datasets.files.period: 0102 is not in quotes, and YAML may read it as something else: write "0102"`},
		"period that is text":             {dataset("files:\n  - period: 2001-02\n    path: x\n"), "datasets.files.period: 2001-02 is not in quotes"},
		"delimiter as a block":            {dataset("format:\n    delimiter: |\n    quoted: true\n"), `datasets.format.delimiter: | is not in quotes, and YAML may read it as something else: write "|"`},
		"delimiter without quotes":        {dataset("format:\n    delimiter: ;\n"), "datasets.format.delimiter: ; is not in quotes"},
		"delimiter of two":                {dataset("format: {delimiter: '\\t'}"), `datasets HES_APC: format.delimiter: "\\t" is not one character in quotes`},
		"delimiter that is a tab":         {dataset("format: {delimiter: \"\\t\", header: true}"), ""},
		"delimiter that quotes":           {dataset("format: {delimiter: '\"', header: true}"), "datasets HES_APC: format.delimiter: \"\\\"\" ends a record or quotes a field"},
		"no delimiter":                    {dataset("format: {header: true}"), `datasets HES_APC: format.delimiter: "" is not one character`},
		"other encoding":                  {dataset("format: {delimiter: ',', header: true, encoding: latin1}"), `datasets HES_APC: format.encoding: "latin1" cannot be read: say utf-8 or windows-1252, or convert the files`},
		"encoding of old":                 {dataset("format: {delimiter: ',', header: true, encoding: windows-1252, compression: zstd}"), ""},
		"what to do with bad rows":        {dataset("malformed: skip"), "datasets HES_APC: malformed: say stop or quarantine"},
		"bad rows put aside":              {dataset("malformed: quarantine"), ""},
		"a file twice in a period":        {dataset("files: [{period: 'a', path: x, more: [y, x]}]"), "datasets HES_APC: files.more: of the period a the 2nd is empty or listed before"},
		"more files of a period":          {dataset("files: [{period: 'a', path: x, more: [y, z]}]"), ""},
		"other compression":               {dataset("format: {delimiter: ',', header: true, compression: zip}"), `format.compression: "zip" is none of none, gzip and zstd`},
		"no files":                        {dataset("files: []"), "datasets HES_APC: files: there is no file"},
		"period twice":                    {dataset("files: [{period: 'a', path: x}, {period: 'a', path: y}]"), "datasets HES_APC: files: the period a is listed twice"},
		"no such day":                     {dataset("files: [{period: 'a', path: x, as_at: 2026-02-30}]"), `datasets HES_APC: files.as_at of a: "2026-02-30" is not a date such as 2026-03-31`},
		"an index of no day":              {dataset("index: {file: x, person: y, nhs_number: z}"), "datasets HES_APC: index.as_at: give the day: an index has to be as new as what it is for"},
		"nothing said of unmatched":       {dataset("unmatched:"), "datasets HES_APC: unmatched: say withhold or release"},
		"no owner":                        {dataset("iao: ''"), "datasets HES_APC: iao: give the login of its information asset owner"},
		"field twice":                     {dataset("fields: [{name: A}, {name: A}]"), "datasets HES_APC: fields: A is listed twice"},
		"field without name":              {dataset("fields: [{title: A}]"), "datasets HES_APC: fields: the 1st has no name"},
		"field of another type":           {dataset("fields: [{name: A, type: text}]"), `datasets HES_APC: fields.type: A is "text", which is none of`},
		"a code twice":                    {dataset("format: {delimiter: ','}\n  fields: [{name: SEX, codes: ['1', '2', '1']}]"), "datasets HES_APC: fields SEX: codes: \"1\""},
		"a code with a blank":             {dataset("format: {delimiter: ','}\n  fields: [{name: SEX, codes: [' 1']}]"), "datasets HES_APC: fields SEX: codes: \" 1\""},
		"date that is no column":          {dataset("format: {delimiter: ','}\n  fields: [{name: NHS}]\n  date: WHEN"), "datasets HES_APC: date: WHEN is not one of fields"},
		"a byte order mark, lines of DOS": {"\ufeffconsole: full\r\nweb:\r\n  listen: :0\r\n", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := configs.Parse([]byte(tt.text), "data")
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused:\n%v", err)
			case tt.want != "" && (err == nil || !strings.Contains("\n"+err.Error(), tt.want)):
				t.Errorf("got:\n%v\nwant a line with:\n%s", err, tt.want)
			}
		})
	}
}

// dataset is a catalogue of one good dataset, with something in place of the
// same in it.
func dataset(other string) string {
	setting, _, _ := strings.Cut(other, ":")
	text := "datasets:\n- code: HES_APC\n"
	for _, line := range []string{
		"name: Admitted Patient Care", "iao: iris", "person: NHS", "unmatched: withhold",
		"format: {delimiter: ',', header: true}", "files: [{period: '200199', path: apc.csv}]",
	} {
		if !strings.HasPrefix(line, setting+":") {
			text += "  " + line + "\n"
		}
	}
	return text + "  " + other + "\n"
}

func TestParseNamesEveryMistake(t *testing.T) {
	_, err := configs.Parse([]byte("sftp:\n  listen: '2022'\n  quiet: soon\nconsole: open\npolicy: {max_shrink: x}\n"), "data")
	want := `line 3, column 10: sftp.quiet: "soon" is not a length of time such as 60s or 2m
line 5, column 22: policy.max_shrink: "x" is not a share such as 1% or 0.01
sftp.listen: "2022" is not host:port, such as "127.0.0.1:2022"
console: "open" is none of full, read-only and break-glass`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestParseTakesTextAsWritten(t *testing.T) {
	c := parse(t, "office:\n  name: 1984\n  telephone: 01132542000\n  address: |\n    1 Trevelyan Square\n    Leeds\n"+
		"policy: {max_shrink: 2 %, max_growth: '30%', max_invalid: 0.005, index_coverage: 1, ladders: {agreement: {before: [30, 7]}, window: {before: [], to: []}}}\n"+
		"schedule: {duties: '30 1 * * *'}\nmail: {from: desk@example.org}\n")
	want := configs.Default("data")
	want.Office.Name, want.Office.Telephone, want.Office.Address = "1984", "01132542000", "1 Trevelyan Square\nLeeds"
	want.Policy.MaxShrink, want.Policy.MaxGrowth, want.Policy.MaxInvalid = 0.02, 0.3, 0.005
	want.Policy.IndexCoverage = 1
	agreement, window := want.Policy.Ladders["agreement"], want.Policy.Ladders["window"]
	agreement.Before, window.Before, window.To = []int{30, 7}, []int{}, []dars.Addressee{} // the rest is as it is if nothing is said
	want.Policy.Ladders["agreement"], want.Policy.Ladders["window"] = agreement, window
	want.Schedule["duties"], want.Mail.From = "30 1 * * *", "desk@example.org"
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got\n%+v, want\n%+v", c, want)
	}
}

func TestPathsBeginAtTheDataDirectory(t *testing.T) {
	if got, want := parse(t, "").Database, filepath.Join("data", "darsd.db"); got != want {
		t.Errorf("the database is at %s, want %s", got, want)
	}
	if got := parse(t, "database: /srv/darsd.db").Database; got != "/srv/darsd.db" {
		t.Errorf("the database is at %s", got)
	}
	if got := parse(t, "database: postgres://h/d").Database; got != "postgres://h/d" {
		t.Errorf("the database is at %s", got)
	}
}

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "darsd.yaml")
	if _, err := configs.Load(file, "data"); err == nil || !strings.Contains(err.Error(), "darsd init writes one") {
		t.Errorf("without a file: %v", err)
	}
	if err := os.WriteFile(file, []byte("console: open\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := configs.Load(file, "data"); err == nil || !strings.HasPrefix(err.Error(), file+":\nconsole: ") {
		t.Errorf("with a wrong one: %v", err)
	}
}

// A secret of the file, such as the password in a database's address, must not
// get into a log by way of a mistake elsewhere.
func TestErrorsDoNotShowOtherLines(t *testing.T) {
	for _, text := range []string{
		"database: postgres://darsd:hunter2@host/darsd\nsfpt: {}\n",
		"database: postgres://darsd:hunter2@host/darsd\nsftp: {quiet: 1}\n",
		"database: postgres://darsd:hunter2@host/darsd\n  sftp: {quiet: 1}\n",
		"database: postgres://darsd:hunter2@host/darsd\nsftp: [\n",
		"database: postgres://darsd:hunter2@host/darsd\ndatabase: x\n",
	} {
		if _, err := configs.Parse([]byte(text), "data"); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// ladders is a configuration with one ladder of the office's own.
func ladders(text string) string { return "policy: {ladders: {" + text + "}}" }

func FuzzParse(f *testing.F) {
	f.Add(configs.Starter(configs.Full))
	f.Add(dataset(""))
	f.Add("policy: {max_shrink: 1%, ladders: {agreement: {before: [7, a]}}}\ndatabase: &x [*x, !!y z]\n? a\n: |\n  b\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := configs.Parse([]byte(text), "data"); err == nil && c.Office.Name == "" {
			t.Errorf("%q was taken, and the office has no name", text)
		}
	})
}

func parse(t *testing.T, text string) *configs.Config {
	t.Helper()
	c, err := configs.Parse([]byte(text), "data")
	if err != nil {
		t.Fatalf("%.60q:\n%v", text, err)
	}
	return c
}
