-- bad: no migration
DROP DATABASE shop; --!
-- good: a table of that name
DROP TABLE database;
