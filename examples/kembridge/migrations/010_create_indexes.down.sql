-- godwit: no-transaction
DROP INDEX CONCURRENTLY idx_transactions_open_expires;
DROP INDEX CONCURRENTLY idx_auth_methods_ethereum_wallet;
DROP INDEX CONCURRENTLY idx_transactions_quantum_key_id;
DROP INDEX CONCURRENTLY idx_sessions_auth_method_id;
