-- bad: an earlier one's table
-- file: 1_a.up.sql
CREATE TABLE t (a int);
-- file: 2_b.up.sql
CREATE TABLE u (a int);
-- file: 2_b.down.sql [down]
DROP TABLE u;
DROP TABLE t; --!
-- good: its own
-- file: 1_a.up.sql
CREATE TABLE t (a int);
-- file: 2_b.up.sql
CREATE TABLE u (a int);
-- file: 2_b.down.sql [down]
DROP TABLE u;
-- file: 1_a.down.sql [down]
DROP TABLE IF EXISTS elsewhere;
