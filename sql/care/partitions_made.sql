-- What upkeep has made of a table ($1: as SQL writes it): partitions by the names that it gives, the DEFAULT one of a table that it has turned into a
-- partitioned one ($2), and partitions that it has detached and not dropped yet, by the mark in their comment.
-- params: text, boolean
-- columns: oid oid!
SELECT c.oid
FROM (SELECT pg_catalog.parse_ident($1) AS parts) AS w
JOIN pg_catalog.pg_class AS t ON t.relname = w.parts[pg_catalog.cardinality(w.parts)] AND t.relkind = 'p'
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
    AND n.nspname = CASE pg_catalog.cardinality(w.parts) WHEN 1 THEN 'public' ELSE w.parts[1] END
JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = t.oid
JOIN pg_catalog.pg_class AS c ON c.relnamespace = t.relnamespace AND c.relkind = 'r'
LEFT JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = c.oid
CROSS JOIN LATERAL (SELECT CASE WHEN c.oid = p.partdefid THEN '_default$'
                                ELSE '_(y[0-9]+(q[1-4]|m[0-9]{2}(d[0-9]{2}(h[0-9]{2})?)?)?|[nm][0-9]+)(_[0-9]+)?$' END AS made) AS e
WHERE (i.inhparent = t.oid AND c.relname ~ e.made AND (c.oid <> p.partdefid OR $2)
       AND pg_catalog.starts_with(t.relname::pg_catalog.text, pg_catalog.regexp_replace(c.relname::pg_catalog.text, e.made, '')))
   OR (i.inhparent IS NULL AND pg_catalog.strpos(pg_catalog.obj_description(c.oid, 'pg_class'), pg_catalog.format(
           '[godwit: detached from "%s"."%s"', pg_catalog.replace(n.nspname, '"', '""'), pg_catalog.replace(t.relname, '"', '""'))) > 0)
ORDER BY c.oid;
