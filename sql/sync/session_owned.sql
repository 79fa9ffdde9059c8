-- Does this coordinator still run the session? Where it does, nobody takes it over until the transaction ends.
-- params: uuid, uuid
-- columns: owned boolean!
SELECT true AS owned FROM godwit.migration_status_tracking
WHERE migration_session_id = $1::pg_catalog.uuid AND coordinator = $2::pg_catalog.uuid AND overall_status = 'running'
FOR SHARE
