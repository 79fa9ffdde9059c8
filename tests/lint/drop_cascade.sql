-- bad: and what else
DROP TABLE users CASCADE; --!
ALTER TABLE users DROP COLUMN a CASCADE; --!
DROP FUNCTION f(int) CASCADE; --!
-- good: PostgreSQL refuses where there is more
DROP TABLE users;
ALTER TABLE users DROP COLUMN a;
CREATE TABLE t (a int REFERENCES u ON DELETE CASCADE);
