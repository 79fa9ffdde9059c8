-- bad: another value
ALTER TABLE users ALTER state SET DEFAULT 'b'; --!
-- good: there was none; none any more
-- file: 1_a.sql
CREATE TABLE t (a int);
-- file: 2_b.sql
ALTER TABLE t ALTER a SET DEFAULT 1;
ALTER TABLE users ALTER state DROP DEFAULT;
