-- godwit: requires=20250402090000
-- The transaction that paid an order, written by the indexer. The table is the balancer's.
ALTER TABLE orders ADD COLUMN transaction_hash text;
