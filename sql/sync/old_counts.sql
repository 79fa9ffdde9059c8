-- How much of the tables of runs is older than the times of retention: log, checkpoints, analyses.
-- params: timestamptz, timestamptz, timestamptz
-- columns: logs bigint!, checkpoints bigint!, analyses bigint!
SELECT (SELECT pg_catalog.count(*) FROM godwit.migration_execution_logs AS l WHERE l."timestamp" < $1) AS logs,
       (SELECT pg_catalog.count(*) FROM godwit.migration_checkpoints AS c
        JOIN godwit.migration_status_tracking AS s ON s.migration_session_id = c.migration_session_id
        WHERE s.overall_status IN ('completed', 'failed') AND s.completed_at < $2 AND c.state = 'completed'
          AND c.updated_at < $2) AS checkpoints,
       (SELECT pg_catalog.count(*) FROM godwit.differential_analysis_results AS r
        WHERE r.created_at < $3
          AND EXISTS (SELECT 1 FROM godwit.differential_analysis_results AS n
                      WHERE n.entity_type = r.entity_type AND n.kind = r.kind
                        AND (n.analysis_timestamp, n.id) > (r.analysis_timestamp, r.id))
          AND NOT EXISTS (SELECT 1 FROM godwit.migration_checkpoints AS c WHERE c.analysis_id = r.id)
          AND NOT EXISTS (SELECT 1 FROM godwit.migration_control AS m
                          WHERE m.analysis_id = r.id AND m.status NOT IN ('completed', 'failed'))) AS analyses;
