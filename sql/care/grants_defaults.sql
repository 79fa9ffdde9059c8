-- What is made later by the owner or a migrator: the rights that application and read-only roles get on it, where they
-- differ from the declared ones.
-- params: jsonb
-- columns: step integer!, sql text!, refused text
WITH roles AS (
    SELECT r.value->>'name' AS name, r.value->>'is' AS kind, r.value->'schemas' AS schemas, p.oid
    FROM pg_catalog.jsonb_array_elements($1::pg_catalog.jsonb->'roles') AS r
    LEFT JOIN pg_catalog.pg_roles AS p ON p.rolname = r.value->>'name'
), makers AS (
    SELECT r.name, r.oid FROM roles AS r WHERE r.kind IN ('owner', 'migrator')
), kinds (kind, class, privileges) AS (
    VALUES ('application', 'r', '{SELECT,INSERT,UPDATE,DELETE}'::pg_catalog.text[]), ('read-only', 'r', '{SELECT}'),
           ('application', 'S', '{USAGE,SELECT}'), ('read-only', 'S', '{SELECT}'), ('application', 'f', '{EXECUTE}')
), places AS (
    SELECT DISTINCT r.name, r.kind, n.nspname::pg_catalog.text AS schema
    FROM roles AS r CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(r.schemas) AS s
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.value
), wanted AS (
    SELECT m.name AS maker, s.schema, k.class, s.name, p.privilege
    FROM makers AS m CROSS JOIN places AS s JOIN kinds AS k ON k.kind = s.kind
    CROSS JOIN LATERAL pg_catalog.unnest(k.privileges) AS p (privilege)
), found AS (
    SELECT DISTINCT m.name AS maker, n.nspname::pg_catalog.text AS schema, d.defaclobjtype::pg_catalog.text AS class, r.name,
           a.privilege_type AS privilege
    FROM pg_catalog.pg_default_acl AS d JOIN makers AS m ON m.oid = d.defaclrole
    JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace
    CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) AS a
    JOIN roles AS r ON r.oid = a.grantee AND r.kind IN ('application', 'read-only')
    WHERE d.defaclobjtype IN ('r', 'S', 'f') AND n.nspname IN (SELECT s.schema FROM places AS s)
), differences AS (
    SELECT coalesce(w.maker, f.maker) AS maker, coalesce(w.schema, f.schema) AS schema, coalesce(w.class, f.class) AS class,
           coalesce(w.name, f.name) AS name, coalesce(w.privilege, f.privilege) AS privilege,
           CASE WHEN f.name IS NULL THEN 'GRANT' ELSE 'REVOKE' END AS action
    FROM wanted AS w FULL JOIN found AS f
      ON f.maker = w.maker AND f.schema = w.schema AND f.class = w.class AND f.name = w.name AND f.privilege = w.privilege
    WHERE w.name IS NULL OR f.name IS NULL
)
SELECT 12 AS step,
       pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I %s %s ON %s %s %I', d.maker, d.schema, d.action,
                         pg_catalog.string_agg(d.privilege, ', ' ORDER BY d.privilege),
                         CASE d.class WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' ELSE 'ROUTINES' END,
                         CASE d.action WHEN 'GRANT' THEN 'TO' ELSE 'FROM' END, d.name) AS sql,
       NULL::pg_catalog.text AS refused
FROM differences AS d
GROUP BY d.maker, d.schema, d.action, d.class, d.name
UNION ALL
SELECT 12, pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE EXECUTE ON ROUTINES FROM PUBLIC', m.name), NULL
FROM makers AS m
WHERE $1::pg_catalog.jsonb->'closed' ? 'functions'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_default_acl AS d
                  WHERE d.defaclrole = m.oid AND d.defaclnamespace = 0 AND d.defaclobjtype = 'f'
                    AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(d.defaclacl) AS a WHERE a.grantee = 0))
ORDER BY 2
