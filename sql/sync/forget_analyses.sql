-- Analyses of before a time go with their changes, but for each entity's newest of a kind and those that a checkpoint, or a run
-- that may go on, refers to. Runs that have ended stay, and no longer name theirs.
-- params: timestamptz
-- columns: none
WITH old AS (
    SELECT r.id FROM godwit.differential_analysis_results AS r
    WHERE r.created_at < $1
      AND EXISTS (SELECT 1 FROM godwit.differential_analysis_results AS n
                  WHERE n.entity_type = r.entity_type AND n.kind = r.kind
                    AND (n.analysis_timestamp, n.id) > (r.analysis_timestamp, r.id))
      AND NOT EXISTS (SELECT 1 FROM godwit.migration_checkpoints AS c WHERE c.analysis_id = r.id)
      AND NOT EXISTS (SELECT 1 FROM godwit.migration_control AS m
                      WHERE m.analysis_id = r.id AND m.status NOT IN ('completed', 'failed'))
), freed AS (
    UPDATE godwit.migration_control AS m SET analysis_id = NULL FROM old WHERE m.analysis_id = old.id
)
DELETE FROM godwit.differential_analysis_results AS r USING old WHERE r.id = old.id;
