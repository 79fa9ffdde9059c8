-- bad: somebody calls it
DROP FUNCTION f(int); --!
DROP VIEW app.v; --!
DROP TYPE t; --!
-- good: a trigger
DROP TRIGGER t ON users;
