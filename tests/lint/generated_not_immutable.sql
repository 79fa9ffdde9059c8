-- bad: the clock
CREATE TABLE t (a int GENERATED ALWAYS AS (extract(year FROM now())::int) STORED); --!
-- good: of the row
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c timestamptz DEFAULT now());
