-- What a broken REINDEX CONCURRENTLY leaves: invalid indexes whose names end in _ccnew or _ccold. On
-- one table by its quoted name ($1), or by that of one of its indexes ($2), partitions included; or
-- on all tables of a schema ($3), or of the database ($4). A table's TOAST table goes with it.
-- params: text, text, name, boolean
-- columns: id oid, schema name, name name
WITH meant AS (
    SELECT t.oid, t.reltoastrelid
    FROM pg_catalog.pg_class AS t
    JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.relnamespace
    WHERE t.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid
       OR t.oid OPERATOR(pg_catalog.=) ANY (ARRAY(
           SELECT p.relid::pg_catalog.oid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass($1)) AS p))
       OR t.oid OPERATOR(pg_catalog.=) ANY (ARRAY(
           SELECT x.indrelid FROM pg_catalog.pg_index AS x
           WHERE x.indexrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($2)::pg_catalog.oid
              OR x.indexrelid OPERATOR(pg_catalog.=) ANY (ARRAY(
                  SELECT p.relid::pg_catalog.oid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass($2)) AS p))))
       OR n.nspname OPERATOR(pg_catalog.=) $3::pg_catalog.name
       OR $4::pg_catalog.bool
)
SELECT c.oid AS id, n.nspname AS schema, c.relname AS name
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE NOT i.indisvalid
  AND c.relname::pg_catalog.text OPERATOR(pg_catalog.~) '_cc(new|old)[0-9]*$'
  AND i.indrelid OPERATOR(pg_catalog.=) ANY (ARRAY(
      SELECT m.oid FROM meant AS m UNION ALL SELECT m.reltoastrelid FROM meant AS m));
