-- bad: and all that is in it
DROP EXTENSION hstore; --!
-- good: another version
ALTER EXTENSION hstore UPDATE;
