-- One row an event, as the chain has it. order_id is what the sender wrote into the
-- transaction: it may name no order of ours, so it is not a foreign key, now or later.
-- godwit: ignore text_for_amount as the chain gives it; the unified schema has numbers
-- godwit: ignore serial_type no program writes this number
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
