DROP TRIGGER sessions_no_truncate ON user_sessions;
DROP TRIGGER sessions_audit ON user_sessions;
DROP TRIGGER quantum_keys_audit ON quantum_keys;
DROP TRIGGER transactions_audit ON transactions;
DROP FUNCTION audit_change();
