-- bad: whatever is in it
DROP SCHEMA old CASCADE; --!
-- good: a table
DROP TABLE old.t;
