-- bad: all tables are read
ALTER DOMAIN email ADD CONSTRAINT c CHECK (VALUE LIKE '%@%'); --!
ALTER DOMAIN email SET NOT NULL; --!
-- good: not valid; another default; a new one
ALTER DOMAIN email ADD CONSTRAINT c CHECK (VALUE LIKE '%@%') NOT VALID;
ALTER DOMAIN email SET DEFAULT '';
CREATE DOMAIN d AS int;
ALTER DOMAIN d ADD CHECK (VALUE > 0);
