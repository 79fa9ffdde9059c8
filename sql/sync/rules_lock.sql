-- Whoever holds a destination (its oid) against its rules of rows together does so alone, to the end of the transaction.
-- params: bigint
-- columns: none
SELECT FROM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('godwit.rules.' || $1::pg_catalog.int8, 0))
