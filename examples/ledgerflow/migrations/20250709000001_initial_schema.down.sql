-- Everything goes, rows included. pgcrypto (PostgreSQL 12) stays: it may have been there
-- before, and others may use it.
DROP TABLE deposit_events;
DROP TABLE chain_states;
DROP TABLE orders;
DROP TABLE users;
DROP TABLE accounts;
DROP FUNCTION set_updated_at();
DROP TYPE order_status;
