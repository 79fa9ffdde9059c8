-- Keys of backups. A private half is only ever here encrypted; what it is encrypted with never is.

CREATE TABLE godwit.keys (
    id                    text        PRIMARY KEY CHECK (id OPERATOR(pg_catalog.~) '^[0-9a-f]{32}$'),
    type                  text        NOT NULL CHECK (type IN ('x25519', 'x25519+ml-kem-1024')),
    state                 text        NOT NULL CHECK (state IN ('active', 'inactive', 'retired')),
    created_at            timestamptz NOT NULL,
    expires_at            timestamptz,
    public_key            bytea       NOT NULL,
    encrypted_private_key bytea,
    changed_at            timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    changed_by            text        NOT NULL,
    CONSTRAINT keys_public_key_length CHECK (pg_catalog.octet_length(public_key)
        OPERATOR(pg_catalog.=) CASE type WHEN 'x25519' THEN 32 ELSE 1600 END),
    CONSTRAINT keys_retired_have_no_private_half
        CHECK (state OPERATOR(pg_catalog.<>) 'retired' OR encrypted_private_key IS NULL)
);
COMMENT ON TABLE godwit.keys IS 'Keys of backups (godwit keys); private halves are encrypted';
REVOKE ALL ON godwit.keys FROM PUBLIC;
