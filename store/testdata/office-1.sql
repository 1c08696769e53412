-- An office as the first tables held it: made by a program that knew migration 1 only.
CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL);
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
INSERT INTO migrations (number, name) VALUES (1, '0001_core.sql');
INSERT INTO events (seq, kind, ref, leaf, hash, change, salt) VALUES (1, 'organisation', '8D101', '{"seq":1,"at":"2025-03-01T09:30:00Z","by":"P-000001","via":"console","act":"org add","noun":"organisation","id":"8D101","to":"active","change_sha256":"b8cfa9c74e3e91703d0cfab59289b97fede32fc0fb6f498e56a3b983cd28fb47"}', 'jl4eA/SUFoU5E7sQoRumqQbx6z5OOmvYzbUzZli6sc0=', '{"code":"8D101","name":"University of Northshire","state":"active"}', 'SALTONE');
INSERT INTO events (seq, kind, ref, leaf, hash, change, salt) VALUES (2, 'organisation', '8D202', '{"seq":2,"at":"2025-03-02T09:30:00Z","by":"P-000001","via":"console","act":"org add","noun":"organisation","id":"8D202","to":"active","change_sha256":"70ef37a17c5aca3d3b0090af9a8179a76be69163a273ce8c0a8c260d94a55a40"}', 'eFoC7BeGchM2+ik1sulYwl+iCJWicI022xESnTN9dc0=', '{"code":"8D202","name":"Southmere Research Institute","state":"active"}', 'SALTTWO');
INSERT INTO events (seq, kind, ref, leaf, hash, change, salt) VALUES (3, 'organisation', '8D202', '{"seq":3,"at":"2025-03-03T09:30:00Z","by":"P-000001","via":"console","act":"org hold","noun":"organisation","id":"8D202","from":"active","to":"on-hold","change_sha256":"f7e503e28a5fa648b83701e1ae61e04a938baf09e4345a6d589fd7fd3d0bbc8e"}', 'a9bzmCfw19nlsb+GnlvUYlrrZigZ24bEAdjwE4aWL6U=', '{"hold_reason":"Data were on a laptop.","state":"on-hold"}', 'SALTTHREE');
INSERT INTO nouns (kind, ref, state, body) VALUES ('organisation', '8D101', 'active', '{"code":"8D101","name":"University of Northshire","state":"active"}');
INSERT INTO keys (kind, ref, name, value) VALUES ('organisation', '8D101', 'word', 'university');
INSERT INTO keys (kind, ref, name, value) VALUES ('organisation', '8D101', 'word', 'of');
INSERT INTO keys (kind, ref, name, value) VALUES ('organisation', '8D101', 'word', 'northshire');
INSERT INTO nouns (kind, ref, state, body) VALUES ('organisation', '8D202', 'on-hold', '{"code":"8D202","hold_reason":"Data were on a laptop.","name":"Southmere Research Institute","state":"on-hold"}');
INSERT INTO keys (kind, ref, name, value) VALUES ('organisation', '8D202', 'word', 'southmere');
INSERT INTO keys (kind, ref, name, value) VALUES ('organisation', '8D202', 'word', 'research');
INSERT INTO keys (kind, ref, name, value) VALUES ('organisation', '8D202', 'word', 'institute');
INSERT INTO owed (id, seq, what, body, tries, next_at, lease, until, failed) VALUES ('LETTERONE', 3, 'mail', '{}', 0, 0, '', 0, '');
