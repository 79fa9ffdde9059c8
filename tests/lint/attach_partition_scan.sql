-- bad: nothing says what the rows are
ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM ('2020-01-01') TO ('2021-01-01'); --!
-- good: a new table
CREATE TABLE events_2030 (LIKE events INCLUDING ALL);
ALTER TABLE events ATTACH PARTITION events_2030 FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- good: a proven check
-- file: 1_a.sql
CREATE TABLE events_old (at timestamptz, CONSTRAINT b CHECK (at >= '2020-01-01' AND at < '2021-01-01'));
-- file: 2_b.sql
ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
