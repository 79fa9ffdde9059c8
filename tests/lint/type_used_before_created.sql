-- bad: the enum comes later
CREATE TABLE t (s state, m app.mood); --!
CREATE TYPE state AS ENUM ('a');
CREATE TYPE app.mood AS ENUM ('a');
-- good: in order
CREATE TYPE state AS ENUM ('a');
CREATE DOMAIN email AS text;
CREATE TABLE t (s state, e email[], x text);
DROP TYPE IF EXISTS later;
CREATE TYPE later AS (a int);
