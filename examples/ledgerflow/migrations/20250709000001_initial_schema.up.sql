-- The unified schema: what the balancer's, the bot's and the indexer's own folders made
-- together (services/), in one file. A database that ran those folders must not run this one:
-- it is recorded there with "godwit baseline 20250709000001" (CONSOLIDATION.md). So that both
-- roads end in the very same schema, columns stand in the order in which the services added them.
-- godwit: ignore text_for_amount the services made them so; numbers since 20250721092000
-- godwit: ignore serial_type the indexer made it so; its sequence serves

-- gen_random_uuid() is in the core from PostgreSQL 13; on 12 it comes from pgcrypto.
DO $$
BEGIN
    IF current_setting('server_version_num')::integer < 130000 THEN
        CREATE EXTENSION IF NOT EXISTS pgcrypto;
    END IF;
END
$$;

CREATE TYPE order_status AS ENUM ('pending', 'completed', 'failed', 'cancelled');

CREATE FUNCTION set_updated_at() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

-- accounts: the balancer's customers
CREATE TABLE accounts (
    id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id  text        NOT NULL UNIQUE,
    email       text        UNIQUE,
    telegram_id bigint      UNIQUE,
    evm_address text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

-- "Whose address is this?", asked for every deposit.
CREATE INDEX accounts_evm_address_idx ON accounts (evm_address);

CREATE TRIGGER accounts_set_updated_at
    BEFORE UPDATE ON accounts
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- users: who talks to the bot
CREATE TABLE users (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    telegram_id bigint      NOT NULL UNIQUE,
    username    text,
    first_name  text,
    last_name   text,
    evm_address text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER users_set_updated_at
    BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- orders: opened by the bot and by brokers, paid on a chain, closed by the balancer
CREATE TABLE orders (
    id               bigint       GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id         text         NOT NULL UNIQUE,
    account_id       text         NOT NULL,
    broker_id        text         NOT NULL,
    amount           text         NOT NULL,
    token_address    text         NOT NULL,
    status           order_status NOT NULL DEFAULT 'pending',
    created_at       timestamptz  NOT NULL DEFAULT now(),
    updated_at       timestamptz  NOT NULL DEFAULT now(),
    transaction_hash text
);

-- The balancer's work list: the oldest pending orders first.
CREATE INDEX orders_status_created_at_idx ON orders (status, created_at);
-- A broker's orders, newest first.
CREATE INDEX orders_broker_id_created_at_idx ON orders (broker_id, created_at DESC);
-- An account's orders, newest first.
CREATE INDEX orders_account_id_created_at_idx ON orders (account_id, created_at DESC);
-- The order that a transaction paid.
CREATE INDEX orders_transaction_hash_idx
    ON orders (transaction_hash) WHERE transaction_hash IS NOT NULL;

CREATE TRIGGER orders_set_updated_at
    BEFORE UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- chain_states: how far the indexer has read each contract's events
CREATE TABLE chain_states (
    chain_id           bigint      NOT NULL,
    contract_address   text        NOT NULL,
    last_scanned_block bigint      NOT NULL DEFAULT 0,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (chain_id, contract_address)
);

CREATE TRIGGER chain_states_set_updated_at
    BEFORE UPDATE ON chain_states
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

-- deposit_events: one row an event, as the chain has it. order_id is what the sender wrote into
-- the transaction: it may name no order of ours, so it is not a foreign key, now or later.
CREATE TABLE deposit_events (
    id               bigserial   PRIMARY KEY,
    chain_id         bigint      NOT NULL,
    contract_address text        NOT NULL,
    order_id         text        NOT NULL,
    sender           text        NOT NULL,
    amount           text        NOT NULL,
    transaction_hash text        NOT NULL,
    block_number     bigint      NOT NULL,
    log_index        integer     NOT NULL,
    processed        boolean     NOT NULL DEFAULT false,
    created_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (chain_id, transaction_hash, log_index)
);

-- "What was paid for this order?"
CREATE INDEX deposit_events_order_id_idx ON deposit_events (order_id);
-- A chain took blocks back: the contract's events from a block on.
CREATE INDEX deposit_events_contract_block_idx
    ON deposit_events (chain_id, contract_address, block_number);
