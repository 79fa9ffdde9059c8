-- bad: everybody waits
DROP INDEX users_email_idx; --!
-- good: concurrently, or the index of a new table
CREATE TABLE t (a int);
CREATE INDEX t_a ON t (a);
DROP INDEX t_a;
-- good: alone
DROP INDEX CONCURRENTLY users_email_idx;
