-- What declared roles, and PUBLIC where it is to have nothing, may do more or less than declared: with the database, its
-- schemas, tables, sequences and routines. Whoever owns an object is not asked for rights on it.
-- params: jsonb
-- columns: step integer!, sql text!, refused text
WITH roles AS (
    SELECT r.value->>'name' AS name, r.value->>'is' AS kind, (r.value->>'login')::pg_catalog.bool AS login,
           r.value->'schemas' AS schemas, r.value->'tables' AS tables, r.ordinality AS place
    FROM pg_catalog.jsonb_array_elements($1::pg_catalog.jsonb->'roles') WITH ORDINALITY AS r
), keepers AS (
    SELECT r.name, r.kind, r.place FROM roles AS r WHERE r.kind IN ('owner', 'migrator')
), heir AS (
    SELECT (SELECT k.name FROM keepers AS k ORDER BY k.kind <> 'owner', k.place LIMIT 1) AS name
), places AS (
    SELECT r.name, s.value AS schema FROM roles AS r CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(r.schemas) AS s
), closed AS (
    SELECT c.value AS class FROM pg_catalog.jsonb_array_elements_text($1::pg_catalog.jsonb->'closed') AS c
), schemas AS (
    SELECT n.* FROM pg_catalog.pg_namespace AS n WHERE n.nspname IN (SELECT p.schema FROM places AS p)
), things AS (
    SELECT 6 AS step, 'database' AS class, d.oid, NULL::pg_catalog.text AS schema, d.datname::pg_catalog.text AS name, d.datdba AS owner,
           coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba)) AS acl, pg_catalog.format('DATABASE %I', d.datname) AS target
    FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()
    UNION ALL
    SELECT 8, 'schemas', n.oid, n.nspname, n.nspname, n.nspowner, coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)),
           pg_catalog.format('SCHEMA %I', n.nspname)
    FROM schemas AS n
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = 'pg_namespace'::pg_catalog.regclass AND d.objid = n.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 10, CASE c.relkind WHEN 'S' THEN 'sequences' ELSE 'tables' END, c.oid, n.nspname, c.relname, c.relowner,
           coalesce(c.relacl, pg_catalog.acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::pg_catalog."char", c.relowner)),
           pg_catalog.format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname)
    FROM pg_catalog.pg_class AS c JOIN schemas AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = 'pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 10, 'functions', p.oid, n.nspname, p.proname, p.proowner, coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)),
           pg_catalog.format('ROUTINE %I.%I(%s)', n.nspname, p.proname, pg_catalog.oidvectortypes(p.proargtypes))
    FROM pg_catalog.pg_proc AS p JOIN schemas AS n ON n.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = 'pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
), objects AS (
    SELECT t.*, CASE WHEN h.name IS NULL OR t.class = 'database' OR r.rolname = 'pg_database_owner'
                       OR r.rolname IN (SELECT k.name FROM keepers AS k) THEN r.rolname::pg_catalog.text ELSE h.name END AS owned_by
    FROM things AS t CROSS JOIN heir AS h LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = t.owner
), kinds (kind, class, privileges) AS (
    VALUES ('migrator', 'database', '{CONNECT,CREATE,TEMPORARY}'::pg_catalog.text[]), ('application', 'database', '{CONNECT}'),
           ('read-only', 'database', '{CONNECT}'), ('owner', 'schemas', '{USAGE,CREATE}'), ('migrator', 'schemas', '{USAGE,CREATE}'),
           ('application', 'schemas', '{USAGE}'), ('read-only', 'schemas', '{USAGE}'),
           ('application', 'tables', '{SELECT,INSERT,UPDATE,DELETE}'), ('read-only', 'tables', '{SELECT}'),
           ('application', 'sequences', '{USAGE,SELECT}'), ('read-only', 'sequences', '{SELECT}'), ('application', 'functions', '{EXECUTE}')
), exceptions AS (
    SELECT r.name, o.oid, t.value->'rights' AS rights
    FROM roles AS r CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(r.tables) AS t
    JOIN objects AS o ON o.class = 'tables'
     AND t.value->>'table' IN (o.schema || '.' || o.name, pg_catalog.format('%I.%I', o.schema, o.name))
), wanted AS (
    SELECT o.oid, o.class, r.name, p.privilege
    FROM roles AS r JOIN kinds AS k ON k.kind = r.kind JOIN objects AS o ON o.class = k.class
    CROSS JOIN LATERAL pg_catalog.unnest(k.privileges) AS p (privilege)
    WHERE (o.class = 'database' OR EXISTS (SELECT FROM places AS s WHERE s.name = r.name AND s.schema = o.schema))
      AND NOT EXISTS (SELECT FROM exceptions AS e WHERE e.name = r.name AND e.oid = o.oid)
      AND r.name IS DISTINCT FROM o.owned_by
    UNION
    SELECT o.oid, o.class, r.name, p.privilege
    FROM roles AS r JOIN objects AS o ON o.class = 'database'
    CROSS JOIN LATERAL pg_catalog.unnest(CASE WHEN r.login THEN '{CONNECT,CREATE,TEMPORARY}' ELSE '{CREATE}' END::pg_catalog.text[]) AS p (privilege)
    WHERE r.kind = 'owner' AND r.name IS DISTINCT FROM o.owned_by
    UNION
    SELECT e.oid, 'tables', e.name, t.value->>'privilege'
    FROM exceptions AS e JOIN objects AS o ON o.oid = e.oid AND o.class = 'tables'
    CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(e.rights) AS t
    WHERE pg_catalog.jsonb_array_length(t.value->'columns') = 0 AND e.name IS DISTINCT FROM o.owned_by
), found AS (
    SELECT o.oid, o.class, coalesce(g.rolname::pg_catalog.text, '') AS name, a.privilege_type AS privilege,
           pg_catalog.bool_or(a.is_grantable) AS grantable
    FROM objects AS o CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) AS a
    LEFT JOIN pg_catalog.pg_roles AS g ON g.oid = a.grantee
    LEFT JOIN roles AS r ON r.name = g.rolname
    WHERE a.grantee <> o.owner AND g.rolname IS DISTINCT FROM o.owned_by
      AND CASE WHEN a.grantee = 0 THEN o.class IN (SELECT c.class FROM closed AS c)
               WHEN o.class IN ('database', 'schemas') THEN r.name IS NOT NULL
               ELSE r.kind IN ('application', 'read-only') END
    GROUP BY o.oid, o.class, coalesce(g.rolname::pg_catalog.text, ''), a.privilege_type
), differences AS (
    SELECT coalesce(w.oid, f.oid) AS oid, coalesce(w.class, f.class) AS class, coalesce(w.name, f.name) AS name,
           coalesce(w.privilege, f.privilege) AS privilege,
           CASE WHEN f.oid IS NULL THEN 'GRANT' WHEN w.oid IS NULL THEN 'REVOKE' WHEN f.grantable THEN 'REVOKE GRANT OPTION FOR' END AS action
    FROM wanted AS w FULL JOIN found AS f ON f.oid = w.oid AND f.class = w.class AND f.name = w.name AND f.privilege = w.privilege
)
SELECT o.step,
       pg_catalog.format('%s %s ON %s %s %s', d.action, pg_catalog.string_agg(d.privilege, ', ' ORDER BY d.privilege), o.target,
                         CASE d.action WHEN 'GRANT' THEN 'TO' ELSE 'FROM' END,
                         CASE d.name WHEN '' THEN 'PUBLIC' ELSE pg_catalog.quote_ident(d.name) END) AS sql,
       NULL::pg_catalog.text AS refused
FROM differences AS d JOIN objects AS o ON o.oid = d.oid AND o.class = d.class
WHERE d.action IS NOT NULL
GROUP BY o.step, d.action, o.target, d.name
ORDER BY 1, 2
