-- bad: nothing takes a row
CREATE TABLE logs (id bigint, at timestamptz) PARTITION BY RANGE (at); --!
-- good: one, a default one, made by code
CREATE TABLE a (id int) PARTITION BY LIST (id);
CREATE TABLE a_1 PARTITION OF a FOR VALUES IN (1);
CREATE TABLE b (id int) PARTITION BY LIST (id);
CREATE TABLE b_1 (id int);
ALTER TABLE b ATTACH PARTITION b_1 DEFAULT;
CREATE TABLE c (id int) PARTITION BY LIST (id);
DO $$ BEGIN EXECUTE 'CREATE TABLE c_1 PARTITION OF c …'; END $$;
