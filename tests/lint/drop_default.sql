-- bad: an INSERT relied on it
ALTER TABLE users ALTER state DROP DEFAULT; --!
-- good: another one; there was none
ALTER TABLE users ALTER state SET DEFAULT 'a';
-- good: known to have none
-- file: 1_a.sql
CREATE TABLE t (a int);
-- file: 2_b.sql
ALTER TABLE t ALTER a DROP DEFAULT;
