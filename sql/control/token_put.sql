-- One more token; a name that was revoked may be used again. Milliseconds until it ends, or NULL.
-- params: text, text, text, text, bigint
-- columns: name text!
INSERT INTO godwit.serve_tokens AS t (name, role, hash, created_by, expires_at)
VALUES ($1, $2, $3, $4, pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+)
    ($5::bigint OPERATOR(pg_catalog.*) '1 ms'::interval))
ON CONFLICT ON CONSTRAINT serve_tokens_pkey DO UPDATE
SET role = excluded.role, hash = excluded.hash, created_by = excluded.created_by,
    created_at = pg_catalog.clock_timestamp(), expires_at = excluded.expires_at, revoked_at = NULL,
    revoked_by = NULL
WHERE t.revoked_at IS NOT NULL
RETURNING t.name;
