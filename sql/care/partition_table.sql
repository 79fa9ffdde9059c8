-- A table by the name that SQL writes (one without a schema is public's): how it is partitioned, if it is, and its DEFAULT partition.
-- params: text
-- columns: oid oid!, schema text!, name text!, partitioned boolean!, strategy text, keys integer, key text, type text,
--          columns text, owner text!, default_oid oid, default_schema text, default_name text
SELECT c.oid, n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name, c.relkind = 'p' AS partitioned,
       p.partstrat::pg_catalog.text AS strategy, p.partnatts::pg_catalog.int4 AS keys, a.attname::pg_catalog.text AS key,
       pg_catalog.format_type(a.atttypid, NULL) AS type,
       (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(x.attname), ', ' ORDER BY x.attnum) FROM pg_catalog.pg_attribute AS x
        WHERE x.attrelid = c.oid AND x.attnum > 0 AND NOT x.attisdropped AND x.attgenerated = '') AS columns,
       pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text AS owner,
       d.oid AS default_oid, dn.nspname::pg_catalog.text AS default_schema, d.relname::pg_catalog.text AS default_name
FROM (SELECT pg_catalog.parse_ident($1) AS parts) AS w
JOIN pg_catalog.pg_class AS c ON c.relname = w.parts[pg_catalog.cardinality(w.parts)] AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    AND n.nspname = CASE pg_catalog.cardinality(w.parts) WHEN 1 THEN 'public' ELSE w.parts[1] END
LEFT JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = c.oid
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0] AND a.attnum > 0
LEFT JOIN pg_catalog.pg_class AS d ON d.oid = nullif(p.partdefid, 0)
LEFT JOIN pg_catalog.pg_namespace AS dn ON dn.oid = d.relnamespace
WHERE pg_catalog.cardinality(w.parts) <= 2;
