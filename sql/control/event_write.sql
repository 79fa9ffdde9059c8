-- One event. Runs inside a user's transaction where it goes with a migration: a duration of -1 is that
-- since this transaction began.
-- params: text, text, text, text, text, text, text, text, text, text, bigint, text, text, text,
--   text, jsonb
-- columns: none
INSERT INTO godwit.events (run_id, action, outcome, tenant, service, version, name, actor, host,
    godwit_version, duration_ms, sqlstate, message, detail, place, data)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
    CASE WHEN $11::pg_catalog.int8 OPERATOR(pg_catalog.=) -1 THEN
        pg_catalog.int8(pg_catalog.date_part('epoch', pg_catalog.timestamptz_mi(
            pg_catalog.clock_timestamp(), pg_catalog.transaction_timestamp()))
            OPERATOR(pg_catalog.*) 1000)
        ELSE $11::pg_catalog.int8 END,
    $12, $13, $14, $15, $16);
