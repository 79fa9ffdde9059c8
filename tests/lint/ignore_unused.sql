-- bad: nothing to silence
SELECT 1;
-- godwit: ignore drop_table nobody reads it
SELECT 2;
-- good: it silences; the rule is off anyway
-- godwit: ignore drop_table nobody reads it
-- godwit: ignore creates_enum we know
DROP TABLE t;
