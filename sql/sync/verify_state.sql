-- What an entity's runs have left undone, what its quarantine holds, whether a run of it is under way.
-- params: text
-- columns: ignored bigint!, rejects bigint!, going_on boolean!
SELECT coalesce((SELECT pg_catalog.sum(c.records_deleted) FROM godwit.migration_control c
                 WHERE c.entity_type = $1::pg_catalog.text AND NOT c.imported), 0)::pg_catalog.int8 AS ignored,
       (SELECT pg_catalog.count(*) FROM godwit.sync_rejects q WHERE q.entity_type = $1::pg_catalog.text) AS rejects,
       EXISTS (SELECT FROM godwit.migration_control c
               JOIN godwit.migration_status_tracking t ON t.migration_session_id = c.migration_session_id
               WHERE c.entity_type = $1::pg_catalog.text AND c.status IN ('pending', 'running')
                 AND t.overall_status IN ('pending', 'running')
                 AND t.lease_until > pg_catalog.clock_timestamp()) AS going_on
