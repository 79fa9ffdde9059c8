-- Who may ask over HTTP: tokens by name, of which only the digest is kept.

CREATE TABLE godwit.serve_tokens (
    name       text        PRIMARY KEY CHECK (name <> ''),
    role       text        NOT NULL CHECK (role IN ('viewer', 'operator')),
    hash       text        NOT NULL UNIQUE CHECK (length(hash) = 64),
    created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    created_by text        NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);
COMMENT ON TABLE godwit.serve_tokens IS 'Tokens of godwit serve; hash is the SHA-256 of the token, which nobody keeps';
