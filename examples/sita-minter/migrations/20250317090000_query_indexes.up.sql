-- godwit: no-transaction
-- What queries.sql asks for beyond them, and the two foreign keys that had none.
CREATE INDEX CONCURRENTLY idx_transactions_user_id_created_at ON transactions (user_id, created_at DESC);
CREATE INDEX CONCURRENTLY idx_transactions_token_id ON transactions (token_id);
CREATE INDEX CONCURRENTLY idx_transactions_tx_hash ON transactions (tx_hash);
CREATE INDEX CONCURRENTLY idx_tokens_created_at ON tokens (created_at DESC);
CREATE INDEX CONCURRENTLY idx_security_events_user_id ON security_events (user_id);
