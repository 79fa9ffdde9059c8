-- Near relatives of these that a transaction block takes.
CREATE INDEX "concurrently" ON t (a);
-- @end
DROP INDEX i;
-- @end
REINDEX TABLE t;
-- @end
-- @pg 14
REINDEX (CONCURRENTLY false) TABLE t;
-- @end
REINDEX (VERBOSE) INDEX i;
-- @end
ANALYZE t;
-- @end
ANALYZE;
-- @end
CLUSTER t USING i;
-- @end
CREATE SUBSCRIPTION sub2 CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false);
-- @end
CREATE SUBSCRIPTION sub2 CONNECTION 'dbname=x' PUBLICATION p WITH (connect = off, slot_name = NONE);
-- @end
ALTER SUBSCRIPTION sub SET PUBLICATION q WITH (refresh = false);
-- @end
ALTER SUBSCRIPTION sub DISABLE;
-- @end
ALTER SUBSCRIPTION sub SET (synchronous_commit = off);
-- @end
ALTER TABLE p DETACH PARTITION c;
-- @end
ALTER DATABASE postgres SET work_mem = '4MB';
-- @end
DISCARD TEMP;
-- @end
DISCARD PLANS;
-- @end
REFRESH MATERIALIZED VIEW CONCURRENTLY mv;
-- @end
ALTER TYPE mood ADD VALUE 'b;c';
-- @end
CREATE ROLE "transient; role";
-- @end
SELECT 'VACUUM; CREATE INDEX CONCURRENTLY';
-- @end
EXPLAIN ANALYZE INSERT INTO t VALUES (1);
-- @end
