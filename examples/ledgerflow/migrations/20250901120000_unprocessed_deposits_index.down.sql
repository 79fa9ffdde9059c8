-- godwit: no-transaction
DROP INDEX CONCURRENTLY deposit_events_unprocessed_idx;
