-- bad: readers meet NULL
ALTER TABLE users ALTER email DROP NOT NULL; --!
-- good: on its way out
ALTER TABLE users ALTER email DROP NOT NULL;
ALTER TABLE users RENAME COLUMN email TO old_email;
ALTER TABLE users ALTER phone DROP NOT NULL;
ALTER TABLE users DROP COLUMN phone;
