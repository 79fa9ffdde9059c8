-- bad: every row gets a number
ALTER TABLE users ADD COLUMN number bigserial; --!
ALTER TABLE users ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY; --!
-- good: a new table, a plain number
CREATE TABLE users (id bigserial PRIMARY KEY);
ALTER TABLE users ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY;
-- good: a plain column
ALTER TABLE users ADD COLUMN number bigint;
