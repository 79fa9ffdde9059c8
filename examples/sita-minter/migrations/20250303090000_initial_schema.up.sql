-- The five tables as drizzle-kit made them from shared/schema.ts, names of constraints included: a database
-- that it made is taken over with "godwit baseline 20250303090000". The types are the first schema's.
-- godwit: ignore serial_type the service's models are drizzle's serial, and their inserts rest on it
-- godwit: ignore integer_primary_key the ids of the first schema are integer, and so are the service's types
-- godwit: ignore timestamp_without_time_zone the service writes UTC and reads it as UTC
-- godwit: ignore text_for_amount the service counts in text; a check holds it to digits
-- godwit: ignore nullable_boolean is_public may be NULL in the first schema, and reads as false
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
    CONSTRAINT tokens_creator_id_users_id_fk FOREIGN KEY (creator_id) REFERENCES users (id)
);

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
    CONSTRAINT transactions_token_id_tokens_id_fk FOREIGN KEY (token_id) REFERENCES tokens (id)
);

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
    CONSTRAINT security_events_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE TABLE settings (
    id           serial    PRIMARY KEY,
    key          text      NOT NULL,
    value        text      NOT NULL,
    description  text,
    is_public    boolean   DEFAULT false,
    last_updated timestamp DEFAULT now() NOT NULL,
    CONSTRAINT settings_key_unique UNIQUE (key)
);
