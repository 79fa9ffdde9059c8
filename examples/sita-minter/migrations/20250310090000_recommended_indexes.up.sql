-- godwit: no-transaction
-- The guide's three, while everyone works.
-- godwit: ignore redundant_index idx_transactions_user_id is the guide's, and smaller
CREATE INDEX CONCURRENTLY idx_tokens_creator_id ON tokens (creator_id);
CREATE INDEX CONCURRENTLY idx_transactions_user_id ON transactions (user_id);
CREATE INDEX CONCURRENTLY idx_security_events_created_at ON security_events (created_at);
