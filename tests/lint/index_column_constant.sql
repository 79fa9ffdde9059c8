-- bad: one value
CREATE INDEX ON t (active, at) WHERE active; --!
CREATE INDEX ON t (state, at) WHERE state = 'open' AND at IS NOT NULL; --!
-- good: the column is elsewhere
CREATE INDEX ON t (at) WHERE active;
CREATE INDEX ON t (state) WHERE state > 'a';
CREATE INDEX ON t (state) WHERE state = 'a' OR at IS NULL;
