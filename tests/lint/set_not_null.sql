-- bad: the table is read
ALTER TABLE users ALTER COLUMN email SET NOT NULL; --!
-- bad: the check is not proven
-- file: 1_a.sql
CREATE TABLE t (a int);
-- file: 2_b.sql
ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;
-- file: 3_c.sql
ALTER TABLE t ALTER a SET NOT NULL; --!
-- good: the check is proven
-- file: 1_a.sql
CREATE TABLE t (a int);
-- file: 2_b.sql
ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL AND a > 0) NOT VALID;
-- file: 3_c.sql
ALTER TABLE t VALIDATE CONSTRAINT c;
-- file: 4_d.sql
ALTER TABLE t ALTER a SET NOT NULL;
-- good: a new table
CREATE TABLE t (a int);
ALTER TABLE t ALTER a SET NOT NULL;
