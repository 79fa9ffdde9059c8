-- bad: two halves
CREATE TABLE t (active boolean);
CREATE INDEX ON t (active); --!
-- good: the rare half; with another column
CREATE TABLE t (active boolean, id int);
CREATE INDEX ON t (id) WHERE NOT active;
CREATE INDEX ON t (active, id);
