-- bad: wherever
CREATE TABLE t (a int); --!
-- good: there
CREATE TABLE app.t (a int);
CREATE TEMP TABLE u (a int);
