-- bad: left behind
-- file: 1_a.up.sql
CREATE TYPE s AS ENUM ('a');
CREATE TABLE t (a int);
-- file: 1_a.down.sql [down]
DROP TABLE t; --!
-- bad: a column, an index, a constraint
-- file: 1_a.up.sql
CREATE TABLE t (a int);
-- file: 1_a.down.sql [down]
DROP TABLE t;
-- file: 2_b.up.sql
ALTER TABLE t ADD COLUMN b int, ADD CONSTRAINT c CHECK (b > 0) NOT VALID;
CREATE INDEX t_b ON t (a);
-- file: 2_b.down.sql [down]
SELECT 1; --!
-- good: what belongs to a table goes with it
-- file: 1_a.up.sql
CREATE TABLE logs (id bigserial, at timestamptz, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE logs_1 PARTITION OF logs DEFAULT;
-- file: 1_a.down.sql [down]
DROP TABLE logs;
-- file: 2_b.up.sql
ALTER TABLE logs ADD COLUMN n bigserial;
-- file: 2_b.down.sql [down]
ALTER TABLE logs DROP COLUMN n;
-- good: undone, one way or another
-- file: 1_a.up.sql
CREATE TYPE s AS ENUM ('a');
CREATE TABLE t (a int PRIMARY KEY, x s);
CREATE INDEX t_a ON t (a);
-- file: 1_a.down.sql [down]
DROP TABLE t;
DROP TYPE s;
-- file: 2_b.up.sql
ALTER TABLE t ADD COLUMN b int, ADD CONSTRAINT c CHECK (b > 0) NOT VALID;
CREATE INDEX t_b ON t (b);
ALTER TABLE t RENAME COLUMN a TO z;
CREATE EXTENSION IF NOT EXISTS hstore;
-- file: 2_b.down.sql [down]
ALTER TABLE t RENAME COLUMN z TO a;
ALTER TABLE t DROP COLUMN b;
