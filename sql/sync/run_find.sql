-- The run of an entity that a session's earlier attempt has not brought to its end.
-- params: uuid, text
-- columns: run text!, checkpoint text, state text
SELECT c.run_id::pg_catalog.text AS run, k.id::pg_catalog.text AS checkpoint, k.state
FROM godwit.migration_control c
LEFT JOIN godwit.migration_checkpoints k ON k.migration_run_id = c.run_id
WHERE c.migration_session_id = $1::pg_catalog.uuid AND c.entity_type = $2::pg_catalog.text
  AND c.status IN ('pending', 'paused')
ORDER BY c.created_at DESC LIMIT 1
