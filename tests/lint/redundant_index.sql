-- bad: another begins with it
CREATE TABLE t (a int, b int);
CREATE INDEX t_a ON t (a); --!
CREATE INDEX t_ab ON t (a, b);
-- good: another beginning; unique; a part
CREATE TABLE t (a int, b int, c int);
CREATE INDEX ON t (b);
CREATE INDEX ON t (a, b);
CREATE UNIQUE INDEX ON t (c);
CREATE INDEX ON t (c, a);
