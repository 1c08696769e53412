-- What one noun is found by, without looking at the rows: to keep a noun and to check
-- it both ask for that, and of the index by value SQLite would read the whole kind.
DROP INDEX keys_ref_idx;
CREATE INDEX keys_noun_idx ON keys (kind, ref, name, value);

-- The nouns of a kind in a state, in order of reference. Without the reference SQLite
-- would rather read the whole kind, which lies in that order, than sort a few.
DROP INDEX nouns_state_idx;
CREATE INDEX nouns_state_idx ON nouns (kind, state, ref);
