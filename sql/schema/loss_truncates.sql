-- Tables that TRUNCATE … CASCADE of tables $1 (a JSON list of oids) empties as well. $2: foreign keys that are
-- gone by then, [{"table": oid, "name": …}].
-- params: jsonb, jsonb
-- columns: oid oid!, schema text!, name text!, kind text!
WITH RECURSIVE reached AS (
    SELECT o.oid::pg_catalog.oid AS oid
    FROM pg_catalog.jsonb_array_elements_text($1::pg_catalog.jsonb) AS o (oid)
    UNION
    SELECT k.conrelid FROM reached AS r
    JOIN pg_catalog.pg_constraint AS k ON k.confrelid = r.oid AND k.contype = 'f'
        AND NOT $2::pg_catalog.jsonb @> pg_catalog.jsonb_build_array(
            pg_catalog.jsonb_build_object('table', k.conrelid::pg_catalog.int8, 'name', k.conname))
)
SELECT c.oid, n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name,
       c.relkind::pg_catalog.text AS kind
FROM reached AS r
JOIN pg_catalog.pg_class AS c ON c.oid = r.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS i JOIN reached AS p ON p.oid = i.inhparent
                  WHERE i.inhrelid = c.oid AND c.relispartition)
ORDER BY schema, name;
