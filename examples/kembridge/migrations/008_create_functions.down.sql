DROP FUNCTION cleanup_expired_sessions();
DROP FUNCTION create_audit_log(uuid, uuid, varchar, varchar, jsonb, inet, text, varchar);
DROP FUNCTION update_last_used_timestamp();
DROP FUNCTION update_timestamp();
