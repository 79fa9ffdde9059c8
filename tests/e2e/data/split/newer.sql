-- What the built-in grammar (15) does not know has to be split all the same.
CREATE TABLE app.generated (a int, b int GENERATED ALWAYS AS (a * 2) STORED);
-- @end
-- @pg 18
CREATE TABLE app.virtual (a int, b text GENERATED ALWAYS AS (a::text || ';') VIRTUAL);
-- @end
-- @pg 16
SELECT * FROM (SELECT 1) WHERE ';' IS NOT NULL;
-- @end
-- @pg 16
SELECT JSON_ARRAY(1, ';'), '{"a":1}' IS JSON OBJECT;
-- @end
-- @pg 17
SELECT * FROM JSON_TABLE(jsonb '[{"a;": 1}]', '$[*]' COLUMNS (a int PATH '$."a;"')) t;
-- @end
-- @pg 17
MERGE INTO app.copied c USING (VALUES (1, ';')) v(a, b) ON c.a = v.a WHEN MATCHED THEN UPDATE SET b = v.b RETURNING merge_action(), c.*;
-- @end
-- @pg 18
UPDATE app.copied SET b = ';' RETURNING old.b, new.b;
-- @end
-- @pg 15
CREATE TABLE app.nulls (a int, UNIQUE NULLS NOT DISTINCT (a));
-- @end
-- @pg 14
CREATE TYPE app.multi AS RANGE (SUBTYPE = int, MULTIRANGE_TYPE_NAME = app."multi;range");
-- @end
-- @pg 14
SELECT * FROM (WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 3) SEARCH DEPTH FIRST BY n SET o SELECT n FROM t) x;
-- @end
-- @pg 17
ALTER TABLE app.nulls ALTER COLUMN a SET STATISTICS DEFAULT;
-- @end
-- @pg 18
ALTER TABLE app.nulls ADD CONSTRAINT nn NOT NULL a NOT VALID;
-- @end
