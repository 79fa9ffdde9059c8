-- SiTa Minter's database as it should be. "npm run db:push" makes a database equal to this; the migrations/ lead
-- to the same, step by step, and a test compares the two. The names of constraints are drizzle-kit's.

-- godwit: ignore serial_type the service's models are drizzle's serial, and their inserts rest on it
-- godwit: ignore integer_primary_key the ids of the first schema are integer, and so are the service's types
-- godwit: ignore timestamp_without_time_zone the service writes UTC and reads it as UTC
-- godwit: ignore text_for_amount the service counts in text; a check holds it to digits
-- godwit: ignore nullable_boolean is_public may be NULL in the first schema, and reads as false
-- godwit: ignore redundant_index idx_transactions_user_id is the guide's, and smaller
CREATE TABLE users (
    id             serial    PRIMARY KEY,
    wallet_address text      NOT NULL,
    username       text,
    created_at     timestamp DEFAULT now() NOT NULL,
    updated_at     timestamp DEFAULT now() NOT NULL,
    CONSTRAINT users_wallet_address_unique UNIQUE (wallet_address)
);

CREATE TABLE tokens (
    id               serial    PRIMARY KEY,
    name             text      NOT NULL,
    symbol           text      NOT NULL,
    supply           text      NOT NULL,
    creator_id       integer   NOT NULL,
    description      text,
    icon_url         text,
    contract_address text,
    network_id       text      NOT NULL,
    tx_hash          text,
    status           text      DEFAULT 'pending' NOT NULL,
    created_at       timestamp DEFAULT now() NOT NULL,
    updated_at       timestamp DEFAULT now() NOT NULL,
    CONSTRAINT tokens_creator_id_users_id_fk FOREIGN KEY (creator_id) REFERENCES users (id),
    CONSTRAINT tokens_status_check CHECK (status IN ('pending', 'confirmed', 'failed')),
    CONSTRAINT tokens_supply_check CHECK (supply ~ '^[0-9]+(\.[0-9]+)?$')
);

CREATE INDEX idx_tokens_creator_id ON tokens (creator_id);
CREATE INDEX idx_tokens_created_at ON tokens (created_at DESC);

CREATE TABLE transactions (
    id         serial    PRIMARY KEY,
    user_id    integer   NOT NULL,
    token_id   integer,
    tx_hash    text      NOT NULL,
    tx_type    text      NOT NULL,
    status     text      DEFAULT 'pending' NOT NULL,
    amount     text,
    network_id text      NOT NULL,
    metadata   jsonb,
    created_at timestamp DEFAULT now() NOT NULL,
    updated_at timestamp DEFAULT now() NOT NULL,
    CONSTRAINT transactions_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT transactions_token_id_tokens_id_fk FOREIGN KEY (token_id) REFERENCES tokens (id),
    CONSTRAINT transactions_status_check CHECK (status IN ('pending', 'confirmed', 'failed')),
    CONSTRAINT transactions_amount_check CHECK (amount ~ '^[0-9]+(\.[0-9]+)?$')
);

CREATE INDEX idx_transactions_user_id ON transactions (user_id);
CREATE INDEX idx_transactions_user_id_created_at ON transactions (user_id, created_at DESC);
CREATE INDEX idx_transactions_token_id ON transactions (token_id);
CREATE INDEX idx_transactions_tx_hash ON transactions (tx_hash);

CREATE TABLE security_events (
    id             serial    PRIMARY KEY,
    event_type     text      NOT NULL,
    description    text      NOT NULL,
    ip_address     text,
    user_id        integer,
    wallet_address text,
    metadata       jsonb,
    severity       text      DEFAULT 'info',
    created_at     timestamp DEFAULT now() NOT NULL,
    CONSTRAINT security_events_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT security_events_severity_check
        CHECK (severity IN ('info', 'warning', 'error', 'critical'))
);

CREATE INDEX idx_security_events_created_at ON security_events (created_at);
CREATE INDEX idx_security_events_user_id ON security_events (user_id);

CREATE TABLE settings (
    id           serial    PRIMARY KEY,
    key          text      NOT NULL,
    value        text      NOT NULL,
    description  text,
    is_public    boolean   DEFAULT false,
    last_updated timestamp DEFAULT now() NOT NULL,
    CONSTRAINT settings_key_unique UNIQUE (key)
);

-- What a service may do (the role is roles.sql's).
GRANT SELECT, INSERT, UPDATE ON users, tokens, transactions TO sitaminter_app;
GRANT SELECT, INSERT ON security_events TO sitaminter_app;
GRANT SELECT ON settings TO sitaminter_app;
GRANT USAGE ON SEQUENCE users_id_seq, tokens_id_seq, transactions_id_seq, security_events_id_seq
    TO sitaminter_app;
