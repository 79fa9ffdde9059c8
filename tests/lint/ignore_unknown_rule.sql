-- bad: misspelt
SELECT 1;
-- godwit: ignore drop_tabel nobody reads it
DROP TABLE t;
-- good: there is one
SELECT 1;
-- godwit: ignore drop_table nobody reads it
DROP TABLE t;
