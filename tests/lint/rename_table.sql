-- bad: running code asks for the old name
ALTER TABLE users RENAME TO people; --!
-- good: a view takes the name
ALTER TABLE users RENAME TO people;
CREATE VIEW users AS SELECT id FROM people;
-- good: an index has no callers
ALTER INDEX a RENAME TO b;
