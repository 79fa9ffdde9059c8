-- bad: rewritten
ALTER TABLE users SET UNLOGGED; --!
ALTER TABLE users SET LOGGED; --!
-- good: a new table
CREATE UNLOGGED TABLE t (a int);
ALTER TABLE t SET LOGGED;
