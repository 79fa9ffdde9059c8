-- Three roles that own nothing. Login roles are made members of one of them:
--   kembridge_app      the services: the rows of the tenant that the session names, columns as granted
--   kembridge_risk     the risk engine: reads every tenant's transfers, writes scores and the list
--   kembridge_auditor  reads the audit of every tenant
-- A role belongs to the server, not to this database: one that is there is taken, and none is dropped.
-- godwit: ignore reaches_outside it makes a role only where an administrator has not, and drops none
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['kembridge_app', 'kembridge_risk', 'kembridge_auditor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL; -- somebody else has made it just now
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'role % is missing, and % may not make it', name, current_user
                        USING ERRCODE = 'insufficient_privilege',
                              HINT = format('As an administrator: CREATE ROLE %I NOLOGIN;', name);
            END;
        END IF;
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA public TO kembridge_app, kembridge_risk, kembridge_auditor;

GRANT SELECT ON tenants, users, user_auth_methods, user_sessions, quantum_keys, transactions,
    transaction_rollbacks, auth_nonces, audit_logs TO kembridge_app;
GRANT INSERT (username, profile_data), UPDATE (username, profile_data, is_active)
    ON users TO kembridge_app;
GRANT INSERT (user_id, chain_type, wallet_address, public_key, signature_params, is_verified),
      UPDATE (public_key, signature_params, is_verified, last_used_at)
    ON user_auth_methods TO kembridge_app;
GRANT INSERT (tenant_id, user_id, auth_method_id, jwt_token_hash, session_data, expires_at, rotated_from),
      UPDATE (session_data, last_activity_at, is_active)
    ON user_sessions TO kembridge_app;
GRANT INSERT (user_id, key_type, public_key, encrypted_private_key, encryption_algorithm, key_metadata, expires_at),
      UPDATE (encrypted_private_key, encryption_algorithm, key_metadata, expires_at, is_active)
    ON quantum_keys TO kembridge_app;
GRANT INSERT (user_id, source_chain, destination_chain, source_token, destination_token, amount_in,
              source_address, destination_address, source_tx_hash, encrypted_data, quantum_key_id, expires_at),
      UPDATE (status, status_reason, amount_out, source_tx_hash, destination_tx_hash, encrypted_data,
              quantum_key_id)
    ON transactions TO kembridge_app;
GRANT INSERT (tenant_id, user_id, transaction_id, event_type, event_category, event_data, ip_address,
              user_agent, severity)
    ON audit_logs TO kembridge_app;
GRANT INSERT (chain_type, wallet_address), UPDATE (used_at), DELETE ON auth_nonces TO kembridge_app;

GRANT SELECT ON users, user_auth_methods, transactions, transaction_rollbacks, suspicious_addresses
    TO kembridge_risk;
GRANT UPDATE (risk_score, risk_factors) ON transactions TO kembridge_risk;
GRANT INSERT (chain_type, address, reason, risk, blocks, expires_at),
      UPDATE (reason, risk, blocks, expires_at), DELETE
    ON suspicious_addresses TO kembridge_risk;

GRANT SELECT ON tenants, audit_logs, transaction_rollbacks TO kembridge_auditor;

-- The owner is not held by the policies (no FORCE): backfills and scheduled jobs see every tenant,
-- and nothing that serves users connects as the owner.
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_auth_methods ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE quantum_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE transactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE transaction_rollbacks ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth_nonces ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_tenant ON tenants FOR SELECT TO kembridge_app
    USING (id = current_tenant());
CREATE POLICY own_tenant ON users TO kembridge_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY own_tenant ON user_auth_methods TO kembridge_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY own_tenant ON user_sessions TO kembridge_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY own_tenant ON quantum_keys TO kembridge_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY own_tenant ON transactions TO kembridge_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY own_tenant ON transaction_rollbacks FOR SELECT TO kembridge_app
    USING (tenant_id = current_tenant());
CREATE POLICY own_tenant ON auth_nonces TO kembridge_app
    USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY own_tenant ON audit_logs FOR SELECT TO kembridge_app
    USING (tenant_id = current_tenant());
-- What the triggers write (table.operation) nobody else can pretend.
CREATE POLICY own_events ON audit_logs FOR INSERT TO kembridge_app
    WITH CHECK (tenant_id = current_tenant() AND strpos(event_type, '.') = 0);

CREATE POLICY every_tenant ON users FOR SELECT TO kembridge_risk USING (true);
CREATE POLICY every_tenant ON user_auth_methods FOR SELECT TO kembridge_risk USING (true);
CREATE POLICY every_tenant ON transactions TO kembridge_risk USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON transaction_rollbacks FOR SELECT TO kembridge_risk, kembridge_auditor USING (true);
CREATE POLICY every_tenant ON tenants FOR SELECT TO kembridge_auditor USING (true);
CREATE POLICY every_tenant ON audit_logs FOR SELECT TO kembridge_auditor USING (true);
