-- Progress of a file outside a transaction. Without a row nothing is updated. When its migration was applied, and
-- how long that took, is kept while its down file runs: should it be taken back, that is what holds again.
-- params: text, text, text, text, integer, integer, jsonb, bigint
-- columns: none
UPDATE godwit.migrations
SET state = $4, statements_done = $5, statements_total = $6, intent = $7,
    duration_ms = CASE WHEN $4 OPERATOR(pg_catalog.=) 'applied'
        THEN COALESCE((details OPERATOR(pg_catalog.#>>) '{before_down,duration_ms}')::pg_catalog.int8, $8) ELSE $8 END,
    applied_at = CASE WHEN $4 OPERATOR(pg_catalog.=) 'applied'
        THEN COALESCE(pg_catalog.to_timestamp((details OPERATOR(pg_catalog.#>>) '{before_down,applied_at_us}')::pg_catalog.float8
                          OPERATOR(pg_catalog./) 1000000::pg_catalog.float8), pg_catalog.clock_timestamp())
        ELSE pg_catalog.clock_timestamp() END,
    details = CASE
        WHEN $4 OPERATOR(pg_catalog.=) 'applied'
            AND details OPERATOR(pg_catalog.-) 'before_down'::pg_catalog.text OPERATOR(pg_catalog.=) '{}'::pg_catalog.jsonb
        THEN NULL
        WHEN $4 OPERATOR(pg_catalog.=) 'applied'
        THEN details OPERATOR(pg_catalog.-) 'before_down'::pg_catalog.text
        WHEN $4 OPERATOR(pg_catalog.=) 'reverting' AND state OPERATOR(pg_catalog.=) 'applied'
        THEN COALESCE(details, '{}'::pg_catalog.jsonb) OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object('before_down',
            pg_catalog.jsonb_build_object('duration_ms', duration_ms, 'applied_at_us',
                (pg_catalog.date_part('epoch', applied_at) OPERATOR(pg_catalog.*) 1000000::pg_catalog.float8)::pg_catalog.int8))
        ELSE details END
WHERE tenant OPERATOR(pg_catalog.=) $1 AND service OPERATOR(pg_catalog.=) $2
  AND version OPERATOR(pg_catalog.=) $3;
