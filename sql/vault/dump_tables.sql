-- The tables that a dump has rows of, or those called by one name: "table", "schema.table", quoted or not,
-- with the partitions of each. What belongs to an extension comes with the extension.
-- params: text
-- columns: oid oid!, schema text!, name text!, has_rows boolean!, bytes bigint!
WITH named AS (
    SELECT c.oid
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S') AND c.relpersistence <> 't'
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND ($1::pg_catalog.text IS NULL
           OR $1::pg_catalog.text IN (c.relname::pg_catalog.text, n.nspname || '.' || c.relname,
                                      pg_catalog.quote_ident(c.relname),
                                      pg_catalog.quote_ident(n.nspname) || '.'
                                      || pg_catalog.quote_ident(c.relname),
                                      '"' || pg_catalog.replace(n.nspname, '"', '""') || '"."'
                                      || pg_catalog.replace(c.relname, '"', '""') || '"'))
), chosen AS (
    SELECT oid FROM named
    UNION
    SELECT t.relid::pg_catalog.oid FROM named, LATERAL pg_catalog.pg_partition_tree(named.oid) AS t
)
SELECT c.oid, n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name,
       c.relkind = 'r' AS has_rows,
       CASE WHEN c.relkind = 'r' THEN pg_catalog.pg_table_size(c.oid) ELSE 0 END AS bytes
FROM chosen
JOIN pg_catalog.pg_class AS c ON c.oid = chosen.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                    AND d.deptype = 'e')
ORDER BY n.nspname, c.relname;
