-- The columns of every table that users' rows are in (partitions are seen through their root), by
-- table. What is under a domain or an array is read down to its base.
-- params: none
-- columns: oid oid!, schema text!, table text!, attnum int8!, name text!, type text!, base text!,
--    category text!, sort text!, typmod int8!, fields int8!, not_null bool!, has_default bool!, calls bool!,
--    identity bool!, generated bool!, fingerprint text!
SELECT c.oid, n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS table,
       a.attnum::pg_catalog.int8 AS attnum, a.attname::pg_catalog.text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       coalesce(e.typname, b.typname)::pg_catalog.text AS base,
       b.typcategory::pg_catalog.text AS category,
       coalesce(e.typtype, b.typtype)::pg_catalog.text AS sort,
       b.typmod::pg_catalog.int8 AS typmod,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute f
        WHERE f.attrelid = b.typrelid AND f.attnum > 0 AND NOT f.attisdropped) AS fields,
       a.attnotnull OR b.not_null AS not_null,
       a.atthasdef OR b.has_default AS has_default,
       coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE '%(%', false) AS calls,
       a.attidentity <> '' OR coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid)
                                       LIKE 'nextval(%', false) AS identity,
       a.attgenerated <> '' AS generated,
       pg_catalog.md5(pg_catalog.concat(n.nspname, '.', c.relname, (
           SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(k.oid), ';' ORDER BY k.conname)
           FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid), (
           SELECT pg_catalog.string_agg(pg_catalog.pg_get_triggerdef(t.oid), ';' ORDER BY t.tgname)
           FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal), (
           SELECT pg_catalog.string_agg(pg_catalog.format('%s %s %s', o.attname, o.atttypid, o.attnotnull),
                                        ';' ORDER BY o.attnum)
           FROM pg_catalog.pg_attribute o
           WHERE o.attrelid = c.oid AND o.attnum > 0 AND NOT o.attisdropped))) AS fingerprint
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
CROSS JOIN LATERAL (
    WITH RECURSIVE down AS (
        SELECT t.oid, t.typbasetype, t.typtype, t.typtypmod, a.atttypmod AS typmod,
               t.typnotnull AS not_null, t.typdefault IS NOT NULL AS has_default, 0 AS depth
        FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
        UNION ALL
        SELECT t.oid, t.typbasetype, t.typtype, t.typtypmod,
               CASE WHEN down.typmod >= 0 THEN down.typmod ELSE down.typtypmod END,
               down.not_null OR t.typnotnull, down.has_default OR t.typdefault IS NOT NULL, down.depth + 1
        FROM down JOIN pg_catalog.pg_type t ON t.oid = down.typbasetype
        WHERE down.typtype = 'd')
    SELECT t.typname, t.typcategory, t.typtype, t.typelem, t.typrelid, x.typmod, x.not_null, x.has_default
    FROM down x JOIN pg_catalog.pg_type t ON t.oid = x.oid
    ORDER BY x.depth DESC LIMIT 1) b
LEFT JOIN pg_catalog.pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND c.oid >= 16384
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
                  WHERE x.classid = 1259 AND x.objid = c.oid AND x.deptype = 'e')
ORDER BY n.nspname, c.relname, a.attnum;
