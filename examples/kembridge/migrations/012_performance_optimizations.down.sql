-- godwit: no-transaction
ALTER TABLE user_sessions RESET (fillfactor, autovacuum_vacuum_scale_factor);
ALTER TABLE transactions RESET (fillfactor, autovacuum_vacuum_scale_factor);
DROP STATISTICS transactions_chains;
DROP INDEX CONCURRENTLY idx_transactions_status_risk_factors;
DROP INDEX CONCURRENTLY idx_users_username_trgm;
