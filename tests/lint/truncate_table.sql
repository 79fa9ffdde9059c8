-- bad: all rows
TRUNCATE users; --!
-- good: a new one
CREATE TABLE t (a int);
TRUNCATE t;
