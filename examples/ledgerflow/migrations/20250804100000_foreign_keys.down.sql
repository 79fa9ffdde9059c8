ALTER TABLE deposit_events DROP CONSTRAINT deposit_events_chain_states_fkey;
ALTER TABLE orders DROP CONSTRAINT orders_account_id_fkey;
