-- bad: it may be invalid
CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a); --!
-- good: without; not concurrent; the leftover is dropped
CREATE INDEX CONCURRENTLY i ON t (a);
CREATE INDEX IF NOT EXISTS j ON t (a);
DROP INDEX CONCURRENTLY IF EXISTS k;
CREATE INDEX CONCURRENTLY IF NOT EXISTS k ON t (a);
