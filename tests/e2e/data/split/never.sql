-- Refused inside a transaction block, every one.
CREATE INDEX CONCURRENTLY ON t (a);
-- @end
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i2 ON s."T" (a);
-- @end
DROP INDEX CONCURRENTLY i;
-- @end
DROP INDEX CONCURRENTLY IF EXISTS i, s.j;
-- @end
REINDEX TABLE CONCURRENTLY t;
-- @end
REINDEX INDEX CONCURRENTLY i;
-- @end
-- @pg 14
REINDEX (CONCURRENTLY) TABLE t;
-- @end
-- @pg 14
REINDEX (VERBOSE, CONCURRENTLY ON) INDEX i;
-- @end
REINDEX SCHEMA s;
-- @end
REINDEX SCHEMA CONCURRENTLY s;
-- @end
REINDEX DATABASE "current; database";
-- @end
REINDEX SYSTEM "current; database";
-- @end
-- @pg 16
REINDEX DATABASE;
-- @end
VACUUM;
-- @end
VACUUM t;
-- @end
VACUUM (ANALYZE, VERBOSE) t (a);
-- @end
VACUUM FULL t;
-- @end
CLUSTER;
-- @end
CLUSTER VERBOSE;
-- @end
ALTER SYSTEM SET work_mem = '4MB';
-- @end
ALTER SYSTEM RESET ALL;
-- @end
CREATE DATABASE "a; b";
-- @end
DROP DATABASE "a; b";
-- @end
DROP DATABASE IF EXISTS nothing;
-- @end
ALTER DATABASE postgres SET TABLESPACE pg_default;
-- @end
CREATE TABLESPACE x LOCATION '/nowhere';
-- @end
DROP TABLESPACE IF EXISTS x;
-- @end
CREATE SUBSCRIPTION sub2 CONNECTION 'dbname=x' PUBLICATION p;
-- @end
CREATE SUBSCRIPTION sub2 CONNECTION 'dbname=x' PUBLICATION p WITH (create_slot = true, enabled = false);
-- @end
DROP SUBSCRIPTION sub;
-- @end
-- @pg 14
ALTER SUBSCRIPTION sub REFRESH PUBLICATION;
-- @end
-- @pg 14
ALTER SUBSCRIPTION sub SET PUBLICATION q;
-- @end
-- @pg 14
ALTER SUBSCRIPTION sub ADD PUBLICATION r WITH (copy_data = false);
-- @end
-- @pg 14
ALTER TABLE p DETACH PARTITION c CONCURRENTLY;
-- @end
DISCARD ALL;
-- @end
COMMIT PREPARED 'a;b';
-- @end
ROLLBACK PREPARED 'a;b';
-- @end
-- @pg 17
ALTER SUBSCRIPTION sub SET (failover = true);
-- @end
