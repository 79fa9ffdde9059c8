-- bad: computed anew
ALTER TABLE t ALTER COLUMN a SET EXPRESSION AS (b * 2); --!
-- good: a default; a string
ALTER TABLE t ALTER COLUMN a SET DEFAULT 2;
ALTER TABEL t ALTER COLUMN a SET DEFAULT 'set expression as';
