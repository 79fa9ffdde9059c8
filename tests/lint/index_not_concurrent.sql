-- bad: writers wait
CREATE INDEX users_email_idx ON users (email); --!
CREATE UNIQUE INDEX ON app.users (email); --!
-- good: concurrently, or a new table
CREATE TABLE t (a int);
CREATE INDEX ON t (a);
CREATE INDEX ON ONLY parts (a);
-- good: concurrently [no-transaction]
CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
