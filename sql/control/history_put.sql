-- Insert or replace a row of the history. Runs inside a user's transaction: nothing in it depends
-- on search_path, DateStyle or the like. $13: microseconds since 1970, or NULL
-- for now. Without a duration: since the transaction began. Of a tenant that is a schema the details
-- say which one it is, whether anything is in it by now (what depends on it as its own does), and the oldest few by name: history_stranger knows it again by them.
-- params: text, text, text, text, text, text, text, text, integer, integer, jsonb, boolean,
--   double precision, bigint, text, text, text, text, text, jsonb
-- columns: none
INSERT INTO godwit.migrations (tenant, service, version, sort_key, name, kind, checksum, state,
    statements_done, statements_total, intent, transactional, applied_at, duration_ms, applied_by,
    applied_from, godwit_version, run_id, backup_id, details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
    COALESCE(pg_catalog.to_timestamp($13 OPERATOR(pg_catalog./) 1000000::double precision),
        pg_catalog.clock_timestamp()),
    COALESCE($14, pg_catalog.int8(pg_catalog.date_part('epoch', pg_catalog.timestamptz_mi(
        pg_catalog.clock_timestamp(), pg_catalog.transaction_timestamp()))
        OPERATOR(pg_catalog.*) 1000)),
    $15, $16, $17, $18, $19,
    COALESCE((SELECT COALESCE($20, '{}'::pg_catalog.jsonb) OPERATOR(pg_catalog.||)
            pg_catalog.jsonb_build_object('schema_oid', n.oid::pg_catalog.int8, 'schema_held',
                EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
                      AND d.refobjid OPERATOR(pg_catalog.=) n.oid
                      AND d.deptype OPERATOR(pg_catalog.=) 'n'::pg_catalog."char"),
                'schema_oldest', (SELECT pg_catalog.jsonb_agg(o.identity) FROM (
                    SELECT (pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid)).identity
                    FROM pg_catalog.pg_depend d
                    WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
                      AND d.refobjid OPERATOR(pg_catalog.=) n.oid
                      AND d.deptype OPERATOR(pg_catalog.=) 'n'::pg_catalog."char"
                    ORDER BY d.objid LIMIT 8) o))
        FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.text), $20))
ON CONFLICT (tenant, service, version) DO UPDATE SET
    sort_key = EXCLUDED.sort_key, name = EXCLUDED.name, kind = EXCLUDED.kind,
    checksum = EXCLUDED.checksum, state = EXCLUDED.state,
    statements_done = EXCLUDED.statements_done, statements_total = EXCLUDED.statements_total,
    intent = EXCLUDED.intent, transactional = EXCLUDED.transactional,
    applied_at = EXCLUDED.applied_at, duration_ms = EXCLUDED.duration_ms,
    applied_by = EXCLUDED.applied_by, applied_from = EXCLUDED.applied_from,
    godwit_version = EXCLUDED.godwit_version, run_id = EXCLUDED.run_id,
    backup_id = EXCLUDED.backup_id, details = EXCLUDED.details;
