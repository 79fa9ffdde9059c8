-- bad [target=15]: 15's grammar is known
CREAT TABLE t (a int); --!
-- good: it may be newer
CREAT TABLE t (a int);
-- good [target=18]: it may be newer
CREATE TABLE t (a int GENERATED ALWAYS AS (1) VIRTUAL);
