-- Tables of publications; columns and row filters are of 15.
-- params: none
-- columns: oid oid!, parent oid!, name text!, args text!, published_columns text, condition text
SELECT r.oid, r.prpubid AS parent, 'table' AS name, r.prrelid::pg_catalog.regclass::text AS args,
       (SELECT string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C")
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.attrs)) AS published_columns,
       pg_catalog.pg_get_expr(r.qual, r.prrelid) AS condition
FROM (SELECT NULL::int2vector AS prattrs, NULL::pg_catalog.pg_node_tree AS prqual) AS absent
CROSS JOIN LATERAL (SELECT o.oid, o.prpubid, o.prrelid, prattrs::int2[] AS attrs, prqual AS qual
                    FROM pg_catalog.pg_publication_rel o) AS r
ORDER BY r.prpubid, r.prrelid::pg_catalog.regclass::text COLLATE "C";
