-- godwit: no-transaction
-- godwit: requires=20250402090000
-- The bot's /orders command: an account's orders, newest first. The table is the balancer's, and
-- in use, so the index is built CONCURRENTLY.
CREATE INDEX CONCURRENTLY orders_account_id_created_at_idx ON orders (account_id, created_at DESC);
