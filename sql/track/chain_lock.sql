-- Blocks of a chain are counted by one transaction at a time.
-- params: text, text
-- columns: pg_advisory_xact_lock void
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('godwit chain ' || $1 || '/' || $2, 0))
