-- godwit: no-transaction
-- The addresses of transfers are lost.
DROP INDEX CONCURRENTLY idx_transactions_user_created;
ALTER TABLE transactions
    DROP COLUMN destination_address,
    DROP COLUMN source_address;
