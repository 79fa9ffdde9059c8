-- godwit: requires=20250401080000
-- How far each contract's events have been read.
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
