-- bad: no way back
-- file: 1_a.up.sql [wants-down]
CREATE TABLE t (a int); --!
-- good: there is one
-- file: 1_a.up.sql [wants-down]
CREATE TABLE t (a int);
-- file: 1_a.down.sql [down]
DROP TABLE t;
-- good: its folder has none
CREATE TABLE t (a int);
