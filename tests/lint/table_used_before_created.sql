-- bad: a foreign key to a table of a later file
-- file: 1_a.sql
CREATE TABLE orders (id bigint PRIMARY KEY, key_id uuid REFERENCES keys (id)); --!
INSERT INTO settings (a) VALUES (1); --!
CREATE VIEW v AS SELECT * FROM settings; --!
-- file: 2_b.sql
CREATE TABLE keys (id uuid PRIMARY KEY);
CREATE TABLE settings (a int);
-- good: in order; itself; WITH; a name in quotes
CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree);
WITH later AS (SELECT 1) SELECT * FROM later;
CREATE TABLE later (id int);
CREATE VIEW v AS SELECT * FROM later;
DROP TABLE IF EXISTS gone;
ALTER TABLE IF EXISTS gone ADD COLUMN a int;
CREATE TABLE gone (id int);
-- good: two schemas
CREATE TABLE a.t (id int REFERENCES b.other);
CREATE TABLE c.other (id int);
