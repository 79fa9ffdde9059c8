-- godwit: no-transaction
-- A foreign key of two columns is what keeps a row and its user in one tenant, and a session's wallet
-- and a transfer's key with the same user. A policy could not: the check of a key sees every row.
CREATE UNIQUE INDEX CONCURRENTLY idx_users_tenant ON users (tenant_id, id);
CREATE UNIQUE INDEX CONCURRENTLY idx_transactions_tenant ON transactions (tenant_id, id);
CREATE UNIQUE INDEX CONCURRENTLY idx_auth_methods_owner ON user_auth_methods (user_id, id);
CREATE UNIQUE INDEX CONCURRENTLY idx_quantum_keys_owner ON quantum_keys (user_id, id);
CREATE INDEX CONCURRENTLY idx_auth_methods_tenant ON user_auth_methods (tenant_id, user_id);
CREATE INDEX CONCURRENTLY idx_sessions_tenant ON user_sessions (tenant_id, user_id);
CREATE INDEX CONCURRENTLY idx_sessions_user_auth_method ON user_sessions (user_id, auth_method_id);
CREATE INDEX CONCURRENTLY idx_quantum_keys_tenant ON quantum_keys (tenant_id, user_id);
CREATE INDEX CONCURRENTLY idx_transactions_tenant_user ON transactions (tenant_id, user_id);
CREATE INDEX CONCURRENTLY idx_transactions_user_quantum_key
    ON transactions (user_id, quantum_key_id) WHERE quantum_key_id IS NOT NULL;
-- godwit: ignore index_not_concurrent an index of a partitioned table cannot be built concurrently
CREATE INDEX idx_audit_logs_tenant ON audit_logs (tenant_id, created_at);

ALTER TABLE users
    ADD CONSTRAINT users_tenant_fkey
    FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_tenant_fkey;

ALTER TABLE user_auth_methods
    ADD CONSTRAINT auth_methods_tenant_user_fkey
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE user_auth_methods VALIDATE CONSTRAINT auth_methods_tenant_user_fkey;

ALTER TABLE user_sessions
    ADD CONSTRAINT sessions_tenant_user_fkey
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE user_sessions VALIDATE CONSTRAINT sessions_tenant_user_fkey;

ALTER TABLE user_sessions
    ADD CONSTRAINT sessions_own_wallet_fkey
    FOREIGN KEY (user_id, auth_method_id) REFERENCES user_auth_methods (user_id, id)
    ON DELETE RESTRICT NOT VALID;
ALTER TABLE user_sessions VALIDATE CONSTRAINT sessions_own_wallet_fkey;

ALTER TABLE quantum_keys
    ADD CONSTRAINT quantum_keys_tenant_user_fkey
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE quantum_keys VALIDATE CONSTRAINT quantum_keys_tenant_user_fkey;

ALTER TABLE transactions
    ADD CONSTRAINT transactions_tenant_user_fkey
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE transactions VALIDATE CONSTRAINT transactions_tenant_user_fkey;

ALTER TABLE transactions
    ADD CONSTRAINT transactions_own_key_fkey
    FOREIGN KEY (user_id, quantum_key_id) REFERENCES quantum_keys (user_id, id)
    ON DELETE RESTRICT NOT VALID;
ALTER TABLE transactions VALIDATE CONSTRAINT transactions_own_key_fkey;

-- Nor can a foreign key of a partitioned table be added unproven, before PostgreSQL 18. One statement reads each
-- month once. A user or transfer is looked up by idx_audit_logs_user_id and idx_audit_logs_transaction_id.
-- godwit: ignore add_foreign_key a partitioned table takes no NOT VALID before PostgreSQL 18
-- godwit: ignore foreign_key_without_index the index of the second column alone finds the few rows there are
ALTER TABLE audit_logs
    ADD CONSTRAINT audit_logs_tenant_fkey
    FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT,
    ADD CONSTRAINT audit_logs_tenant_user_fkey
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT audit_logs_tenant_transaction_fkey
    FOREIGN KEY (tenant_id, transaction_id) REFERENCES transactions (tenant_id, id)
    ON DELETE RESTRICT;
