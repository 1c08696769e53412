package figure

// An Aim is what is measured, and what is asked of it.
type Aim struct {
	Key   string // the benchmark's name, a slash, and what of it
	What  string
	Unit  string
	More  bool    // more is better; else less is
	Times float64 // how many times as good as the peer ours is to be; 0 where that is not asked
	Bound float64 // what ours is to be at most, or at least where more is better; 0 where that is not asked
}

// Aims are in the order of the table.
var Aims = []Aim{
	{Key: "extract/plain", What: "leave out who objects, keep 12 of 40 columns, write CSV", Unit: "s", Times: 6},
	{Key: "extract/full", What: "the same with pseudonyms, zstd, four digests, encryption, beside the peer's plain job", Unit: "s", Times: 1 / 0.6},

	{Key: "tabulation/1", What: "persons by age of five years and sex, one year; controlled and attacked, DuckDB's not", Unit: "s", Bound: 4},
	{Key: "tabulation/2", What: "records by chapter, region and year", Unit: "s", Bound: 4},
	{Key: "tabulation/3", What: "mean stay by provider", Unit: "s", Bound: 4},
	{Key: "tabulation/4", What: "median stay by provider", Unit: "s", Bound: 4},
	{Key: "tabulation/5", What: "persons of three chapters by age and region", Unit: "s", Bound: 4},
	{Key: "tabulation/earlier", What: "one more table, held against 1,000 earlier ones", Unit: "s", Bound: 3},
	{Key: "tabulation/attack-20x20", What: "the attack on a table of 20 by 20", Unit: "ms", Bound: 5},
	{Key: "tabulation/attack-100x50", What: "on one of 100 by 50", Unit: "ms", Bound: 400},
	{Key: "tabulation/attack-20x20x10", What: "on one of 20 by 20 by 10", Unit: "ms", Bound: 300},

	{Key: "sftp/download", What: "download by OpenSSH's client, vault included", Unit: "MiB/s", More: true, Times: 1.2},
	{Key: "sftp/download-rclone", What: "download by rclone", Unit: "MiB/s", More: true},
	{Key: "sftp/upload", What: "upload by OpenSSH's client", Unit: "MiB/s", More: true, Times: 1.1},
	{Key: "sftp/upload-rclone", What: "upload by rclone", Unit: "MiB/s", More: true},
	{Key: "sftp/small", What: "1,000 small files", Unit: "a second", More: true},
	{Key: "sftp/sessions-200", What: "200 sessions at once, 5 MiB each", Unit: "MiB/s", More: true},
	{Key: "sftp/sign-ins-alone", What: "sign-ins, one after the other", Unit: "a second", More: true},
	{Key: "sftp/sign-ins", What: "sign-ins, 10 at once", Unit: "a second", More: true, Times: 12},
	{Key: "sftp/sessions-1000", What: "1,000 sessions at once, 1 MiB each", Unit: "MiB/s", More: true},
	{Key: "sftp/memory", What: "memory with 1,000 sessions at once", Unit: "MiB", Bound: 1000},

	{Key: "papers/process", What: "an agreement of 12 pages, sealed, a process for each", Unit: "ms", Times: 20},
	{Key: "papers/daemon", What: "the same inside the daemon, beside the fastest process", Unit: "ms", Times: 35},
	{Key: "papers/warm", What: "the same, beside a Chromium that is already there", Unit: "ms"},
	{Key: "papers/certificates", What: "certificates as forms, in one run", Unit: "a second", More: true},
	{Key: "papers/memory", What: "memory of that run", Unit: "MB"},

	{Key: "web/gzip", What: "pages of the register, packed", Unit: "a second", More: true, Bound: 2000},
	{Key: "web/identity", What: "the same, not packed", Unit: "a second", More: true, Bound: 2000},
	{Key: "web/search", What: "a search that nobody made before, the median", Unit: "ms"},

	{Key: "scale/look", What: "the slowest look at a large office on SQLite, above ssh … help", Unit: "ms", Bound: 100},
	{Key: "scale/memory", What: "its daemon's memory", Unit: "MB", Bound: 512},
	{Key: "scale/verify", What: "log verify over its events", Unit: "s", Bound: 120},
	{Key: "postgres/look", What: "the slowest look at it on PostgreSQL, above ssh … help", Unit: "ms", Bound: 100},
	{Key: "postgres/memory", What: "its daemon's memory there", Unit: "MB", Bound: 512},
	{Key: "postgres/verify", What: "log verify there", Unit: "s", Bound: 120},

	{Key: "intake/at-once", What: "files dropped at once, the daemon killed twice: each has one verdict", Unit: "s"},
	{Key: "kill/lives", What: "kills at any moment, and nothing broken after one", Unit: "s"},
	{Key: "hostile/files", What: "files made to break readers of PDF: each costs a verdict and nothing else", Unit: "s"},
}

// Ratio is how many times as good as the peer's ours is; 0 without a peer.
func (a Aim) Ratio(f Figure) float64 {
	switch {
	case f.Ours == 0 || f.Theirs == 0:
		return 0
	case a.More:
		return f.Ours / f.Theirs
	}
	return f.Theirs / f.Ours
}

// Met reports whether a figure is what is asked. Where nothing is, it is.
func (a Aim) Met(f Figure) bool {
	if a.Times > 0 && a.Ratio(f) < a.Times {
		return false
	}
	return a.Bound == 0 || a.More && f.Ours >= a.Bound || !a.More && f.Ours <= a.Bound
}
