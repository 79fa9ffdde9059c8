-- Workers live: the leases of their pieces are longer again.
-- params: uuid[], bigint
-- columns: none
UPDATE godwit.sync_tasks
SET lease_until = pg_catalog.clock_timestamp() + $2::pg_catalog.int8 * interval '1 millisecond'
WHERE state = 'claimed' AND worker = ANY ($1::pg_catalog.uuid[])
