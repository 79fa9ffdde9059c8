-- bad: computed for every row
ALTER TABLE users ADD COLUMN full_name text GENERATED ALWAYS AS (first || ' ' || last) STORED; --!
-- good: in the table from the start
CREATE TABLE users (first text, upper_first text GENERATED ALWAYS AS (upper(first)) STORED);
