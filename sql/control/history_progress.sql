-- Progress of a file outside a transaction. Without a row nothing is updated.
-- params: text, text, text, text, integer, integer, jsonb, bigint
-- columns: none
UPDATE godwit.migrations
SET state = $4, statements_done = $5, statements_total = $6, intent = $7, duration_ms = $8,
    applied_at = pg_catalog.clock_timestamp()
WHERE tenant OPERATOR(pg_catalog.=) $1 AND service OPERATOR(pg_catalog.=) $2
  AND version OPERATOR(pg_catalog.=) $3;
