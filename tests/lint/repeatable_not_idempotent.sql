-- bad: the second time it is there
-- file: R.sql [repeatable]
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; --!
CREATE VIEW v AS SELECT 1 AS a; --!
INSERT INTO kinds (k) VALUES ('a'); --!
ALTER TABLE t ADD COLUMN a int; --!
-- good: it can run twice
-- file: R.sql [repeatable]
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE OR REPLACE VIEW v AS SELECT 1 AS a;
INSERT INTO kinds (k) VALUES ('a') ON CONFLICT DO NOTHING;
ALTER TABLE t ADD COLUMN IF NOT EXISTS a int;
DROP TRIGGER IF EXISTS tr ON t;
CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
-- good: it runs once
CREATE VIEW v AS SELECT 1 AS a;
