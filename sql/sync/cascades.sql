-- Foreign keys to a table, its partitions and children that delete or empty the rows that refer to a deleted one; none where this session
-- turns them off. own: the rows that refer are the table's own; readable: this role sees all of them. referring and target are items of FROM
-- (f and t), `same` joins them as the server does.
-- params: bigint
-- columns: name text!, action text!, schema text!, relation text!, shown text!, referring text!, target text!, same text!, own boolean!, readable boolean!
WITH RECURSIVE mine AS (
    SELECT $1::pg_catalog.int8::pg_catalog.oid AS id
    UNION
    SELECT i.inhrelid FROM mine m JOIN pg_catalog.pg_inherits i ON i.inhparent = m.id)
SELECT c.conname::pg_catalog.text AS name,
       CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END AS action,
       fn.nspname::pg_catalog.text AS schema, f.relname::pg_catalog.text AS relation,
       pg_catalog.format('%I.%I', fn.nspname, f.relname) AS shown,
       pg_catalog.format('%s%I.%I', CASE WHEN f.relkind <> 'p' THEN 'ONLY ' END, fn.nspname, f.relname) AS referring,
       pg_catalog.format('%s%I.%I', CASE WHEN t.relkind <> 'p' THEN 'ONLY ' END, tn.nspname, t.relname) AS target,
       k.same,
       f.oid IN (SELECT m.id FROM mine m) AS own,
       pg_catalog.has_schema_privilege(fn.oid, 'USAGE') AND k.readable AND NOT pg_catalog.row_security_active(f.oid) AS readable
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_class f ON f.oid = c.conrelid
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
JOIN pg_catalog.pg_class t ON t.oid = c.confrelid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
CROSS JOIN LATERAL (
    SELECT pg_catalog.string_agg(pg_catalog.format('t.%I%s OPERATOR(%I.%s) f.%I', ta.attname,
                                                   CASE WHEN l.oid IS NOT NULL THEN pg_catalog.format(' COLLATE %I.%I', ln.nspname, l.collname) END, pn.nspname, o.oprname, fa.attname),
                                 ' AND ' ORDER BY u.place) AS same,
           pg_catalog.bool_and(pg_catalog.has_column_privilege(c.conrelid, fa.attnum, 'SELECT')) AS readable
    FROM ROWS FROM (pg_catalog.unnest(c.conkey), pg_catalog.unnest(c.confkey), pg_catalog.unnest(c.conpfeqop))
         WITH ORDINALITY u (refers, referred, operator, place)
    JOIN pg_catalog.pg_attribute fa ON fa.attrelid = c.conrelid AND fa.attnum = u.refers
    JOIN pg_catalog.pg_attribute ta ON ta.attrelid = c.confrelid AND ta.attnum = u.referred
    JOIN pg_catalog.pg_operator o ON o.oid = u.operator
    JOIN pg_catalog.pg_namespace pn ON pn.oid = o.oprnamespace
    LEFT JOIN pg_catalog.pg_collation l ON l.oid = ta.attcollation
    LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace) k
WHERE c.contype = 'f' AND c.confdeltype IN ('c', 'n', 'd') AND c.confrelid IN (SELECT m.id FROM mine m)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint p
                  WHERE p.oid = c.conparentid AND p.confrelid IN (SELECT m.id FROM mine m))
  AND coalesce((pg_catalog.to_jsonb(c) ->> 'conenforced')::pg_catalog.bool, true)
  AND pg_catalog.current_setting('session_replication_role') <> 'replica'
ORDER BY fn.nspname, f.relname, c.conname, t.relname
