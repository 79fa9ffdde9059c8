-- All three services read and write orders. The balancer opens and closes them, so it owns the
-- table; what another service needs on it (a column, an index) is a file in that service's
-- folder that says "requires=20250402090000".
-- godwit: ignore text_for_amount as the services send it; the unified schema has numbers
CREATE TYPE order_status AS ENUM ('pending', 'completed', 'failed', 'cancelled');

CREATE TABLE orders (
    id            bigint       GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id      text         NOT NULL UNIQUE,
    account_id    text         NOT NULL,
    broker_id     text         NOT NULL,
    amount        text         NOT NULL,
    token_address text         NOT NULL,
    status        order_status NOT NULL DEFAULT 'pending',
    created_at    timestamptz  NOT NULL DEFAULT now(),
    updated_at    timestamptz  NOT NULL DEFAULT now()
);

-- The balancer's work list: the oldest pending orders first.
CREATE INDEX orders_status_created_at_idx ON orders (status, created_at);
-- A broker's orders, newest first.
CREATE INDEX orders_broker_id_created_at_idx ON orders (broker_id, created_at DESC);

CREATE TRIGGER orders_set_updated_at
    BEFORE UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();
