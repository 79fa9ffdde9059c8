-- bad: all
DELETE FROM users; --!
-- good: some
DELETE FROM users WHERE id = 1;
DELETE FROM users USING gone WHERE users.id = gone.id;
