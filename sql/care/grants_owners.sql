-- What in the declared schemas, and in schema godwit, belongs to a role that is neither owner nor migrator, given to the
-- owner, or to the first migrator. Parts of extensions are left.
-- params: jsonb
-- columns: step integer!, sql text!, refused text
WITH roles AS (
    SELECT r.value->>'name' AS name, r.value->>'is' AS kind, r.value->'schemas' AS schemas, r.ordinality AS place
    FROM pg_catalog.jsonb_array_elements($1::pg_catalog.jsonb->'roles') WITH ORDINALITY AS r
), keepers AS (
    SELECT r.name, r.kind, r.place FROM roles AS r WHERE r.kind IN ('owner', 'migrator')
), heir AS (
    SELECT k.name FROM keepers AS k ORDER BY k.kind <> 'owner', k.place LIMIT 1
), schemas AS (
    SELECT n.oid, n.nspname, n.nspowner FROM pg_catalog.pg_namespace AS n
    WHERE n.nspname = 'godwit'
       OR n.nspname IN (SELECT s.value FROM roles AS r CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(r.schemas) AS s)
), objects AS (
    SELECT 7 AS step, s.nspowner AS owner, pg_catalog.format('SCHEMA %I', s.nspname) AS target,
           'pg_namespace'::pg_catalog.regclass AS class, s.oid
    FROM schemas AS s
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid = s.nspowner AND r.rolname = 'pg_database_owner')
    UNION ALL
    SELECT 9, c.relowner,
           pg_catalog.format('%s %I.%I', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                                                        WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                             s.nspname, c.relname),
           'pg_class'::pg_catalog.regclass, c.oid
    FROM pg_catalog.pg_class AS c JOIN schemas AS s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE c.relkind = 'S' AND d.classid = 'pg_class'::pg_catalog.regclass AND d.objid = c.oid
                        AND d.refclassid = 'pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i'))
    UNION ALL
    SELECT 9, p.proowner, pg_catalog.format('ROUTINE %I.%I(%s)', s.nspname, p.proname, pg_catalog.oidvectortypes(p.proargtypes)),
           'pg_proc'::pg_catalog.regclass, p.oid
    FROM pg_catalog.pg_proc AS p JOIN schemas AS s ON s.oid = p.pronamespace
    UNION ALL
    SELECT 9, t.typowner, pg_catalog.format('TYPE %I.%I', s.nspname, t.typname), 'pg_type'::pg_catalog.regclass, t.oid
    FROM pg_catalog.pg_type AS t JOIN schemas AS s ON s.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
    WHERE t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c'
)
SELECT o.step, pg_catalog.format('ALTER %s OWNER TO %I', o.target, h.name) AS sql, NULL::pg_catalog.text AS refused
FROM objects AS o CROSS JOIN heir AS h
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = o.owner
WHERE NOT EXISTS (SELECT FROM keepers AS k WHERE k.name = r.rolname)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')
ORDER BY 1, 2
