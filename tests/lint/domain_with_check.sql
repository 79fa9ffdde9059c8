-- bad: for all tables at once
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%'); --!
-- good: a name only
CREATE DOMAIN email AS text;
