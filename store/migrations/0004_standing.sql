-- Whether this database may be acted on. No row, the rule: it may. Else one row says why
-- not: it is being filled from another or from a backup, or the office has gone from here
-- to another database.
CREATE TABLE standing (
	word TEXT NOT NULL, -- filling, filled, moved
	note TEXT NOT NULL  -- of one that has moved: where to
);
