-- The roles stay: they belong to the server, and other databases may use them.
DROP POLICY every_tenant ON audit_logs;
DROP POLICY every_tenant ON tenants;
DROP POLICY every_tenant ON transaction_rollbacks;
DROP POLICY every_tenant ON transactions;
DROP POLICY every_tenant ON user_auth_methods;
DROP POLICY every_tenant ON users;
DROP POLICY own_events ON audit_logs;
DROP POLICY own_tenant ON audit_logs;
DROP POLICY own_tenant ON auth_nonces;
DROP POLICY own_tenant ON transaction_rollbacks;
DROP POLICY own_tenant ON transactions;
DROP POLICY own_tenant ON quantum_keys;
DROP POLICY own_tenant ON user_sessions;
DROP POLICY own_tenant ON user_auth_methods;
DROP POLICY own_tenant ON users;
DROP POLICY own_tenant ON tenants;

ALTER TABLE audit_logs DISABLE ROW LEVEL SECURITY;
ALTER TABLE auth_nonces DISABLE ROW LEVEL SECURITY;
ALTER TABLE transaction_rollbacks DISABLE ROW LEVEL SECURITY;
ALTER TABLE transactions DISABLE ROW LEVEL SECURITY;
ALTER TABLE quantum_keys DISABLE ROW LEVEL SECURITY;
ALTER TABLE user_sessions DISABLE ROW LEVEL SECURITY;
ALTER TABLE user_auth_methods DISABLE ROW LEVEL SECURITY;
ALTER TABLE users DISABLE ROW LEVEL SECURITY;
ALTER TABLE tenants DISABLE ROW LEVEL SECURITY;

REVOKE ALL ON tenants, users, user_auth_methods, user_sessions, quantum_keys, transactions,
    transaction_rollbacks, auth_nonces, audit_logs, suspicious_addresses
    FROM kembridge_app, kembridge_risk, kembridge_auditor;
REVOKE USAGE ON SCHEMA public FROM kembridge_app, kembridge_risk, kembridge_auditor;
