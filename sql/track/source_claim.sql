-- One process a stream: held as long as the session.
-- params: text, text
-- columns: claimed boolean!
SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('godwit source ' || $1 || '/' || $2, 0)) AS claimed
