-- bad: not where it was
ALTER TABLE users SET SCHEMA app; --!
-- good: a view stays behind
ALTER TABLE users SET SCHEMA app;
CREATE VIEW users AS SELECT id FROM app.users;
