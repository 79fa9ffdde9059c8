-- A key cannot be made unproven again; it is dropped and added as 20250804100000 left it.
ALTER TABLE deposit_events
    DROP CONSTRAINT deposit_events_chain_states_fkey,
    ADD CONSTRAINT deposit_events_chain_states_fkey
    FOREIGN KEY (chain_id, contract_address)
    REFERENCES chain_states (chain_id, contract_address) NOT VALID;

ALTER TABLE orders
    DROP CONSTRAINT orders_account_id_fkey,
    ADD CONSTRAINT orders_account_id_fkey
    FOREIGN KEY (account_id) REFERENCES accounts (account_id) NOT VALID;
