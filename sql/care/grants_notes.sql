-- What of the declaration has no effect here yet, for people; and roles that log in and are still to be made.
-- params: jsonb
-- columns: note text!
WITH roles AS (
    SELECT r.value->>'name' AS name, (r.value->>'login')::pg_catalog.bool AS login, r.value->'schemas' AS schemas,
           r.value->'tables' AS tables, r.value->'settings' AS settings
    FROM pg_catalog.jsonb_array_elements($1::pg_catalog.jsonb->'roles') AS r
), named AS (
    SELECT DISTINCT t.value->>'table' AS label, t.value->'rights' AS rights
    FROM roles AS r CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(r.tables) AS t
), tables AS (
    SELECT n.label, n.rights, c.oid
    FROM named AS n LEFT JOIN (
        SELECT c.oid, s.nspname, c.relname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS s ON s.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ) AS c ON n.label IN (c.nspname || '.' || c.relname, pg_catalog.format('%I.%I', c.nspname, c.relname))
)
SELECT 'there is no schema ' || pg_catalog.quote_ident(s.value) || ' yet' AS note
FROM roles AS r CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(r.schemas) AS s
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspname = s.value)
GROUP BY s.value
UNION ALL
SELECT 'there is no table ' || t.label || ' yet: run grants again when it is there' FROM tables AS t WHERE t.oid IS NULL
UNION ALL
SELECT DISTINCT pg_catalog.format('%s has no column %I', t.label, w.value)
FROM tables AS t CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(t.rights) AS p
CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(p.value->'columns') AS w
WHERE t.oid IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                  WHERE a.attrelid = t.oid AND a.attname = w.value AND a.attnum > 0 AND NOT a.attisdropped)
UNION ALL
SELECT 'idle_timeout needs PostgreSQL 14, and is left out'
FROM roles AS r CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(r.settings) AS s
WHERE s.value->>'name' = 'idle_session_timeout' AND pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 140000
GROUP BY s.value->>'name'
UNION ALL
SELECT pg_catalog.format('%I is made without a password: \password in psql sets one', r.name)
FROM roles AS r WHERE r.login AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS p WHERE p.rolname = r.name)
