-- bad: the columns have one
CREATE TABLE t (a int UNIQUE, b int, c int);
CREATE INDEX t_a ON t (a); --!
CREATE INDEX t_a2 ON t (a) WHERE a IS NOT NULL; --!
CREATE INDEX t_b ON t (b, c);
CREATE INDEX t_b2 ON t USING btree (b, c); --!
-- good: another order, another method, another part, unique
CREATE TABLE t (a int UNIQUE, b int, c jsonb);
CREATE INDEX ON t (a DESC, b);
CREATE INDEX ON t (b);
CREATE INDEX ON t (b) WHERE a > 0;
CREATE UNIQUE INDEX ON t (b);
CREATE INDEX ON t USING hash (b);
CREATE INDEX ON t (lower(c::text));
CREATE INDEX ON t (upper(c::text));
