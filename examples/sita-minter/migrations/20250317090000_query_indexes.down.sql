-- godwit: no-transaction
DROP INDEX CONCURRENTLY idx_security_events_user_id;
DROP INDEX CONCURRENTLY idx_tokens_created_at;
DROP INDEX CONCURRENTLY idx_transactions_tx_hash;
DROP INDEX CONCURRENTLY idx_transactions_token_id;
DROP INDEX CONCURRENTLY idx_transactions_user_id_created_at;
