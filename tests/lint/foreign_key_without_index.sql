-- bad: the table is read at each DELETE
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigint PRIMARY KEY,
    a_id bigint REFERENCES a, --!
    c_id bigint REFERENCES c --!
);
CREATE INDEX ON b (id, a_id);
CREATE INDEX ON b (c_id) WHERE c_id > 10;
-- good: an index begins with it, whenever it comes
-- file: 1_a.sql
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (a_id bigint REFERENCES a, c_id bigint REFERENCES c, d bigint UNIQUE REFERENCES d,
                x int, y int, FOREIGN KEY (x, y) REFERENCES e);
CREATE INDEX ON b (y, x);
CREATE INDEX ON b (c_id) WHERE c_id IS NOT NULL;
-- file: 2_b.sql
CREATE INDEX CONCURRENTLY ON b (a_id, x);
-- good: dropped
CREATE TABLE b (a_id bigint REFERENCES a);
DROP TABLE b;
