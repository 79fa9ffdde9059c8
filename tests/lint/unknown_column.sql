-- bad: no such column
CREATE TABLE users (id bigint PRIMARY KEY, email text);
CREATE INDEX ON users (emial); --!
ALTER TABLE users ADD FOREIGN KEY (shop) REFERENCES shops; --!
CREATE TABLE orders (u bigint REFERENCES users (uid)); --!
ALTER TABLE users ALTER mail SET NOT NULL; --!
INSERT INTO users (id, name) VALUES (1, 'a'); --!
UPDATE users SET mail = 'x' WHERE id = 1; --!
ALTER TABLE users RENAME COLUMN mail TO m; --!
-- good: there, by whatever way
CREATE TABLE base (id bigint, LIKE other);
CREATE INDEX ON base (whatever);
CREATE TABLE users (id bigint PRIMARY KEY, email text, up bigint REFERENCES users (id));
CREATE INDEX ON users (lower(email), id);
ALTER TABLE users ADD COLUMN a int, ADD CONSTRAINT c CHECK (a > 0), ALTER a SET NOT NULL;
ALTER TABLE users DROP COLUMN IF EXISTS gone;
UPDATE users SET a = 1 WHERE id = 1;
INSERT INTO users (id, "email") VALUES (1, 'a') ON CONFLICT DO NOTHING;
ALTER TABLE users RENAME COLUMN email TO mail;
CREATE INDEX ON users (mail);
