-- A key, new or as it is now. Times are microseconds since 1970; halves are hexadecimal.
-- params: text, text, text, bigint, bigint, text, text, text
-- columns: none
INSERT INTO godwit.keys (id, type, state, created_at, expires_at, public_key,
    encrypted_private_key, changed_by)
VALUES ($1, $2, $3,
    '1970-01-01 00:00:00+00'::timestamptz OPERATOR(pg_catalog.+)
        ('1 microsecond'::interval OPERATOR(pg_catalog.*) $4::bigint),
    '1970-01-01 00:00:00+00'::timestamptz OPERATOR(pg_catalog.+)
        ('1 microsecond'::interval OPERATOR(pg_catalog.*) $5::bigint),
    pg_catalog.decode($6, 'hex'), pg_catalog.decode($7, 'hex'), $8)
ON CONFLICT ON CONSTRAINT keys_pkey DO UPDATE
SET state = excluded.state, expires_at = excluded.expires_at,
    encrypted_private_key = excluded.encrypted_private_key,
    changed_at = pg_catalog.clock_timestamp(), changed_by = excluded.changed_by;
