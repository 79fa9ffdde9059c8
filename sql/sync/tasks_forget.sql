-- The pieces of a session's runs (of one run; NULL: of all) go: nobody can commit a batch of them any more.
-- params: uuid, uuid
-- columns: none
DELETE FROM godwit.sync_tasks k USING godwit.migration_control c
WHERE c.run_id = k.run_id AND c.migration_session_id = $1::pg_catalog.uuid
  AND ($2::pg_catalog.uuid IS NULL OR c.run_id = $2::pg_catalog.uuid)
