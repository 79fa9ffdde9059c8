-- Domains. NOT NULL is a constraint with a name since 17; not_null_name is NULL where it has the
-- name that the server gives.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, type text!, collation text,
--    not_null bool!, not_null_name text, constraints text
SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name,
       pg_catalog.pg_get_userbyid(t.typowner)::text AS owner,
       pg_catalog.format_type(t.typbasetype, t.typtypmod) AS type,
       CASE WHEN t.typcollation <> b.typcollation AND t.typcollation <> 0
            THEN (SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname)
                  FROM pg_catalog.pg_collation co
                  JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                  WHERE co.oid = t.typcollation) END AS collation,
       t.typnotnull AS not_null,
       (SELECT CASE WHEN k.conname <> left(t.typname || '_not_null', 63)
                    THEN pg_catalog.quote_ident(k.conname) END
        FROM pg_catalog.pg_constraint k
        WHERE k.contypid = t.oid AND k.contype = 'n' AND t.typnotnull) AS not_null_name,
       (SELECT string_agg(pg_catalog.quote_ident(k.conname) || ' ' || pg_catalog.pg_get_constraintdef(k.oid),
                          ', ' ORDER BY k.conname COLLATE "C")
        FROM pg_catalog.pg_constraint k
        WHERE k.contypid = t.oid AND k.contype = 'c') AS constraints
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'd' AND t.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 1247 AND e.objid = t.oid AND e.deptype IN ('e'))
ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C";
