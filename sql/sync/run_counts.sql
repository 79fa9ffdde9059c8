-- What the runs of a session have done so far, an entity a row; and the analysis that told what there was to do.
-- params: uuid
-- columns: entity text!, status text!, new bigint!, modified bigint!, deleted bigint!, rejected bigint!, remaining bigint!, error text
SELECT c.entity_type AS entity,
       (pg_catalog.array_agg(c.status ORDER BY c.created_at DESC, c.run_id DESC))[1] AS status,
       pg_catalog.sum(c.records_new)::pg_catalog.int8 AS new, pg_catalog.sum(c.records_modified)::pg_catalog.int8 AS modified,
       pg_catalog.sum(c.records_deleted)::pg_catalog.int8 AS deleted,
       pg_catalog.sum(c.records_rejected)::pg_catalog.int8 AS rejected,
       coalesce(pg_catalog.sum(c.records_remaining) FILTER (WHERE c.status IN ('running', 'paused')), 0)::pg_catalog.int8
           AS remaining,
       (pg_catalog.array_agg(c.error ->> 'message' ORDER BY c.created_at DESC, c.run_id DESC))[1] AS error
FROM godwit.migration_control c
WHERE c.migration_session_id = $1::pg_catalog.uuid
GROUP BY c.entity_type
ORDER BY pg_catalog.min(c.created_at), c.entity_type
