-- bad: an offset alone
CREATE TABLE t (a timetz); --!
-- good: a moment, a time of day
CREATE TABLE t (a timestamptz, b time);
