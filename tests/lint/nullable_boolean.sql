-- bad: three values
CREATE TABLE t (active boolean DEFAULT true); --!
-- good: two
CREATE TABLE t (active boolean NOT NULL DEFAULT true, flags boolean[]);
