-- The columns of tables $1 (a JSON list of oids). labels: those of an enum, as SQL.
-- params: jsonb
-- columns: relation oid!, number integer!, name text!, type text!, labels text, not_null boolean!,
--   has_default boolean!, generated boolean!, kept text
SELECT a.attrelid AS relation, a.attnum::pg_catalog.int4 AS number, a.attname::pg_catalog.text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = a.atttypid) AS labels,
       a.attnotnull AS not_null, a.atthasdef OR a.attidentity <> '' AS has_default,
       a.attgenerated <> '' AS generated,
       -- Children that have the column in their own right keep it where the parent loses it.
       (SELECT pg_catalog.string_agg(i.inhrelid::pg_catalog.text, ', ')
        FROM pg_catalog.pg_inherits AS i
        JOIN pg_catalog.pg_attribute AS own ON own.attrelid = i.inhrelid AND own.attname = a.attname
        WHERE i.inhparent = a.attrelid AND (own.attislocal OR own.attinhcount > 1)) AS kept
FROM pg_catalog.jsonb_array_elements_text($1::pg_catalog.jsonb) AS o (oid)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = o.oid::pg_catalog.oid
WHERE a.attnum > 0 AND NOT a.attisdropped;
