-- bad: nobody knows it
CREAT TABLE t (a int); --!
CREATE TABLE t (a int GENERATED ALWAYS AS (1) VIRTUAL); --!
-- bad: a quote that does not end
SELECT 'a; --!
-- good: read
CREATE TABLE t (a int);
