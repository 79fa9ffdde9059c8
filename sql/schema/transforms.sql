-- Transforms.
-- params: none
-- columns: oid oid!, name text!, type text!, language text!, from_sql text, to_sql text
SELECT t.oid, pg_catalog.format_type(t.trftype, NULL) || ' language ' || l.lanname AS name,
       pg_catalog.format_type(t.trftype, NULL) AS type, pg_catalog.quote_ident(l.lanname) AS language,
       CASE WHEN t.trffromsql <> 0 THEN t.trffromsql::pg_catalog.oid::pg_catalog.regprocedure::text END AS from_sql,
       CASE WHEN t.trftosql <> 0 THEN t.trftosql::pg_catalog.oid::pg_catalog.regprocedure::text END AS to_sql
FROM pg_catalog.pg_transform t
JOIN pg_catalog.pg_language l ON l.oid = t.trflang
WHERE t.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 3576 AND e.objid = t.oid AND e.deptype IN ('e'))
ORDER BY t.oid;
