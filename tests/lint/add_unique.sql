-- bad: the index is built under the lock
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email); --!
ALTER TABLE users ADD COLUMN phone text UNIQUE; --!
-- good: the index was built before; a new table
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_idx;
CREATE TABLE t (a int UNIQUE, b int);
ALTER TABLE t ADD UNIQUE (b);
