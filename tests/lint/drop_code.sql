-- bad: somebody calls it
DROP FUNCTION f(int); --!
DROP VIEW app.v; --!
DROP TYPE t; --!
-- good: a table has a rule of its own
DROP TABLE users;
