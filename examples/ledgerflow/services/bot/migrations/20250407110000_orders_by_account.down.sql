-- godwit: no-transaction
DROP INDEX CONCURRENTLY orders_account_id_created_at_idx;
