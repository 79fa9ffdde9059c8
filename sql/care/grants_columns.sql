-- Rights on single columns of tables in the declared schemas that application and read-only roles have otherwise than
-- declared; those of PUBLIC, where it is to have none.
-- params: jsonb
-- columns: step integer!, sql text!, refused text
WITH roles AS (
    SELECT r.value->>'name' AS name, r.value->>'is' AS kind, r.value->'schemas' AS schemas, r.value->'tables' AS tables
    FROM pg_catalog.jsonb_array_elements($1::pg_catalog.jsonb->'roles') AS r
), columns AS (
    SELECT c.oid, a.attnum, n.nspname, c.relname, c.relowner, a.attname, a.attacl
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND n.nspname IN (SELECT s.value FROM roles AS r CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(r.schemas) AS s)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = 'pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
), wanted AS (
    SELECT DISTINCT c.oid, c.attnum, r.name, p.value->>'privilege' AS privilege
    FROM roles AS r CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(r.tables) AS t
    CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(t.value->'rights') AS p
    CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(p.value->'columns') AS w
    JOIN columns AS c ON t.value->>'table' IN (c.nspname || '.' || c.relname, pg_catalog.format('%I.%I', c.nspname, c.relname))
     AND c.attname = w.value
), found AS (
    SELECT DISTINCT c.oid, c.attnum, coalesce(g.rolname::pg_catalog.text, '') AS name, a.privilege_type AS privilege
    FROM columns AS c CROSS JOIN LATERAL pg_catalog.aclexplode(c.attacl) AS a
    LEFT JOIN pg_catalog.pg_roles AS g ON g.oid = a.grantee
    LEFT JOIN roles AS r ON r.name = g.rolname
    WHERE a.grantee <> c.relowner
      AND (r.kind IN ('application', 'read-only') OR a.grantee = 0 AND $1::pg_catalog.jsonb->'closed' ? 'tables')
), differences AS (
    SELECT coalesce(w.oid, f.oid) AS oid, coalesce(w.attnum, f.attnum) AS attnum, coalesce(w.name, f.name) AS name,
           coalesce(w.privilege, f.privilege) AS privilege, CASE WHEN f.oid IS NULL THEN 'GRANT' ELSE 'REVOKE' END AS action
    FROM wanted AS w FULL JOIN found AS f ON f.oid = w.oid AND f.attnum = w.attnum AND f.name = w.name AND f.privilege = w.privilege
    WHERE w.oid IS NULL OR f.oid IS NULL
)
SELECT 11 AS step,
       pg_catalog.format('%s %s (%s) ON TABLE %I.%I %s %s', d.action, d.privilege,
                         pg_catalog.string_agg(pg_catalog.quote_ident(c.attname), ', ' ORDER BY c.attnum), c.nspname, c.relname,
                         CASE d.action WHEN 'GRANT' THEN 'TO' ELSE 'FROM' END,
                         CASE d.name WHEN '' THEN 'PUBLIC' ELSE pg_catalog.quote_ident(d.name) END) AS sql,
       NULL::pg_catalog.text AS refused
FROM differences AS d JOIN columns AS c ON c.oid = d.oid AND c.attnum = d.attnum
GROUP BY d.action, d.privilege, c.nspname, c.relname, d.name
ORDER BY 2
