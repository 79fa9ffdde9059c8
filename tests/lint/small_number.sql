-- bad: 32 bits
CREATE TABLE t (n int, m smallint); --!
-- good: 64
CREATE TABLE t (n bigint, a int[]);
