-- How often an act was refused: whose, which, by which rule and door, in which hour. A
-- refusal changes nothing of the office, so this is no history: the log does not cover
-- it, and who counts may lose what was not written yet. Hours are seconds since 1970.
CREATE TABLE refused (
	hour  BIGINT NOT NULL,
	who   TEXT   NOT NULL,
	act   TEXT   NOT NULL,
	rule  TEXT   NOT NULL,
	via   TEXT   NOT NULL,
	times BIGINT NOT NULL,
	PRIMARY KEY (hour, who, act, rule, via)
);
