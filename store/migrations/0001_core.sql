-- Every noun: a row is what its events add up to.
CREATE TABLE nouns (
	kind  TEXT NOT NULL,
	ref   TEXT NOT NULL,
	state TEXT NOT NULL,
	body  TEXT NOT NULL, -- its facts: JSON, fields in order of name
	PRIMARY KEY (kind, ref)
);
CREATE INDEX nouns_state_idx ON nouns (kind, state);

-- What nouns are found by, besides their state. A new noun needs no migration.
CREATE TABLE keys (
	kind  TEXT NOT NULL,
	ref   TEXT NOT NULL,
	name  TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (kind, name, value, ref)
);
CREATE INDEX keys_ref_idx ON keys (kind, ref);

-- Only ever added to. Erasing empties change and salt: what was hashed stays.
CREATE TABLE events (
	seq    BIGINT PRIMARY KEY,
	kind   TEXT NOT NULL,
	ref    TEXT NOT NULL,
	leaf   TEXT NOT NULL, -- the exact bytes that are hashed
	hash   TEXT NOT NULL, -- of the leaf, as golang.org/x/mod/sumdb/tlog has it
	change TEXT,
	salt   TEXT
);
CREATE INDEX events_ref_idx ON events (kind, ref, seq);

-- What must follow an event, done after its commit, as often as it takes. It is
-- work and not history: the log does not cover it, so whoever deletes a row here
-- stops a letter or a purge. Instants are microseconds since 1970, of the machine's
-- clock.
CREATE TABLE owed (
	id      TEXT PRIMARY KEY,
	seq     BIGINT NOT NULL REFERENCES events,
	what    TEXT NOT NULL,   -- the kind of work: mail, paper, ...
	body    TEXT NOT NULL,   -- JSON
	tries   BIGINT NOT NULL,
	next_at BIGINT NOT NULL, -- not before
	lease   TEXT NOT NULL,   -- the token of the worker that has it, or ''
	until   BIGINT NOT NULL, -- when its lease ends
	failed  TEXT NOT NULL,   -- why it did not work the last time
	done_at BIGINT           -- NULL: still owed
);
CREATE INDEX owed_next_idx ON owed (done_at, next_at);
