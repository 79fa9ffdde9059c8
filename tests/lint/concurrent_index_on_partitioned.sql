-- bad: refused
CREATE TABLE logs (id bigint) PARTITION BY HASH (id);
CREATE INDEX CONCURRENTLY ON logs (id); --!
-- good: on a partition
CREATE TABLE logs (id bigint) PARTITION BY HASH (id);
CREATE INDEX CONCURRENTLY ON logs_1 (id);
CREATE INDEX ON ONLY logs (id);
