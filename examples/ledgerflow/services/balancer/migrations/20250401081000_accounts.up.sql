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
