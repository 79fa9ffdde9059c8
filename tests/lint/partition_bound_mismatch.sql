-- bad: the other kind
CREATE TABLE logs (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE a PARTITION OF logs FOR VALUES IN ('2024-01-01'); --!
-- good: its own; the default
CREATE TABLE logs (id bigint, kind text) PARTITION BY LIST (kind);
CREATE TABLE a PARTITION OF logs FOR VALUES IN ('a', 'b');
CREATE TABLE z PARTITION OF logs DEFAULT;
