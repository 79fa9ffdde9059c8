-- Reads every row, while others read and write. An order without an account stops it, and the
-- error names the account: make the account, or cancel and remove the order, and run it again.
ALTER TABLE orders VALIDATE CONSTRAINT orders_account_id_fkey;
ALTER TABLE deposit_events VALIDATE CONSTRAINT deposit_events_chain_states_fkey;
