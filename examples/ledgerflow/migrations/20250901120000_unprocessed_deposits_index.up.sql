-- godwit: no-transaction
-- The balancer's queue of deposits, in the order of the chain. CONCURRENTLY: writers do not wait.
-- Without IF NOT EXISTS: that would take an index that an earlier try left invalid for done.
CREATE INDEX CONCURRENTLY deposit_events_unprocessed_idx
    ON deposit_events (chain_id, block_number, log_index) WHERE NOT processed;
