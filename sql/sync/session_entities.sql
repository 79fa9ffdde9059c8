-- The entities of a session: counts of all its attempts, the state of the last one.
-- params: text
-- columns: entity text!, status text!, attempt bigint!, run text!, new bigint!, modified bigint!, deleted bigint!,
--   rejected bigint!, remaining bigint!, now_done bigint!, started_at timestamptz, ended_at timestamptz, elapsed_ms bigint,
--   error text, version text, method text, checkpoint text, last_key text, batches bigint, pieces bigint!,
--   pieces_done bigint!, workers bigint!, quarantined bigint!, postponed bigint!
WITH runs AS (
    SELECT c.*, pg_catalog.row_number() OVER (PARTITION BY c.entity_type ORDER BY c.attempt DESC, c.created_at DESC) AS age
    FROM godwit.migration_control c
    WHERE c.migration_session_id = $1::pg_catalog.text::pg_catalog.uuid
), counts AS (
    SELECT entity_type, pg_catalog.sum(records_new)::pg_catalog.int8 AS new,
           pg_catalog.sum(records_modified)::pg_catalog.int8 AS modified,
           pg_catalog.sum(records_deleted)::pg_catalog.int8 AS deleted, pg_catalog.min(started_at) AS first_start
    FROM runs GROUP BY entity_type
)
SELECT r.entity_type AS entity, r.status, r.attempt::pg_catalog.int8 AS attempt, r.run_id::pg_catalog.text AS run,
       n.new, n.modified, n.deleted, r.records_rejected AS rejected, r.records_remaining AS remaining,
       r.records_new + r.records_modified + r.records_deleted + r.records_rejected AS now_done, r.started_at, r.ended_at,
       (EXTRACT(EPOCH FROM coalesce(r.ended_at, CASE WHEN r.status = 'running' THEN pg_catalog.clock_timestamp()
                                                     ELSE r.updated_at END) - r.started_at) * 1000)::pg_catalog.int8 AS elapsed_ms,
       r.error::pg_catalog.text AS error, d.version, a.method, k.state AS checkpoint, k.last_processed_id AS last_key,
       k.batch_position AS batches, coalesce(p.pieces, 0) AS pieces, coalesce(p.done, 0) AS pieces_done,
       coalesce(p.workers, 0) AS workers,
       (SELECT pg_catalog.count(*) FROM godwit.sync_rejects q WHERE q.entity_type = r.entity_type) AS quarantined,
       coalesce((SELECT pg_catalog.cardinality(l.postponed) FROM godwit.sync_loads l
                 WHERE l.entity_type = r.entity_type), 0)::pg_catalog.int8 AS postponed
FROM runs r
JOIN counts n ON n.entity_type = r.entity_type
LEFT JOIN godwit.schema_mapping_definitions d ON d.id = r.mapping_id
LEFT JOIN godwit.differential_analysis_results a ON a.id = r.analysis_id
LEFT JOIN LATERAL (SELECT c.state, c.last_processed_id, c.batch_position FROM godwit.migration_checkpoints c
                   WHERE c.migration_run_id = r.run_id ORDER BY c.updated_at DESC LIMIT 1) k ON true
LEFT JOIN LATERAL (SELECT pg_catalog.count(*) AS pieces, pg_catalog.count(*) FILTER (WHERE t.state = 'done') AS done,
                          pg_catalog.count(DISTINCT t.worker) FILTER (WHERE t.state = 'claimed'
                              AND t.lease_until > pg_catalog.clock_timestamp()) AS workers
                   FROM godwit.sync_tasks t WHERE t.run_id = r.run_id) p ON true
WHERE r.age = 1
ORDER BY n.first_start NULLS LAST, r.created_at, r.entity_type COLLATE "C"
