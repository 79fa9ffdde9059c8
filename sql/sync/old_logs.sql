-- Entries of the log of runs that are older than a time, as JSON, a page behind the last one read (both NULL: from the beginning).
-- params: timestamptz, timestamptz, uuid, bigint
-- columns: line text!, at text!, id text!
SELECT pg_catalog.row_to_json(l)::pg_catalog.text AS line, l."timestamp"::pg_catalog.text AS at, l.id::pg_catalog.text AS id
FROM godwit.migration_execution_logs AS l
WHERE l."timestamp" < $1 AND ($2::pg_catalog.timestamptz IS NULL OR (l."timestamp", l.id) > ($2, $3::pg_catalog.uuid))
ORDER BY l."timestamp", l.id
LIMIT $4;
