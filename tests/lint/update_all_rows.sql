-- bad: all at once
UPDATE users SET active = true; --!
-- good: some, or new
UPDATE users SET active = true WHERE id < 100;
CREATE TABLE t (a int);
UPDATE t SET a = 1;
