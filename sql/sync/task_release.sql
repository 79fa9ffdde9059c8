-- A worker gives its pieces back.
-- params: uuid
-- columns: none
UPDATE godwit.sync_tasks SET state = 'pending', worker = NULL, worker_host = NULL, lease_until = NULL
WHERE worker = $1::pg_catalog.uuid AND state = 'claimed'
