-- NOT VALID: new rows are held to the keys from now on, old rows are not read yet, so writers
-- wait a moment only. 20250811100000 proves the old rows.
-- deposit_events.order_id gets none: it is what a sender wrote on the chain.
ALTER TABLE orders
    ADD CONSTRAINT orders_account_id_fkey
    FOREIGN KEY (account_id) REFERENCES accounts (account_id) NOT VALID;

ALTER TABLE deposit_events
    ADD CONSTRAINT deposit_events_chain_states_fkey
    FOREIGN KEY (chain_id, contract_address)
    REFERENCES chain_states (chain_id, contract_address) NOT VALID;
