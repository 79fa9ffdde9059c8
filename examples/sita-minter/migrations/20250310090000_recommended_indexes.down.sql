-- godwit: no-transaction
DROP INDEX CONCURRENTLY idx_security_events_created_at;
DROP INDEX CONCURRENTLY idx_transactions_user_id;
DROP INDEX CONCURRENTLY idx_tokens_creator_id;
