-- bad: in the middle
CREATE TABLE a (id int);
COMMIT; --!
CREATE TABLE b (id int);
-- bad: opened and not closed
BEGIN; --!
CREATE TABLE a (id int);
-- good: around it all
BEGIN;
CREATE TABLE a (id int);
COMMIT;
-- good: of its own
-- file: 1_a.sql [no-transaction]
BEGIN;
CREATE TABLE a (id int);
COMMIT;
VACUUM a;
