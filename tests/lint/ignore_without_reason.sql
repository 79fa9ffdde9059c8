-- bad: why
SELECT 1;
DROP TABLE t; -- godwit: ignore drop_table
-- (the finding is in the line above)
-- good: so
SELECT 1;
DROP TABLE t; -- godwit: ignore drop_table nobody reads it since May
