-- bad: rewritten
ALTER TABLE users SET ACCESS METHOD columnar; --!
-- good: from the start
CREATE TABLE t (a int) USING columnar;
ALTER TABLE t SET ACCESS METHOD heap;
