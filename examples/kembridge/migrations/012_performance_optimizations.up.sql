-- godwit: no-transaction
-- Usernames by a part of them, and open transfers by one of their risk factors.
CREATE INDEX CONCURRENTLY idx_users_username_trgm ON users USING gin (username gin_trgm_ops);
CREATE INDEX CONCURRENTLY idx_transactions_status_risk_factors
    ON transactions USING gin (status, risk_factors);

-- The two chains of a transfer are never independent of each other.
CREATE STATISTICS transactions_chains (dependencies, ndistinct)
    ON source_chain, destination_chain FROM transactions;

-- Rows that are updated a few times and then never again: room for it on their own page, and
-- the vacuum comes before a tenth of the table is dead.
ALTER TABLE transactions SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE user_sessions SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
