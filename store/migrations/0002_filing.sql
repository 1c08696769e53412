-- By which edition of the nouns' cards the rows of nouns and keys are filed. It is
-- one row: whoever loses it has everything filed anew.
CREATE TABLE filing (
	edition BIGINT NOT NULL
);
