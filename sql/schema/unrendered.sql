-- What users made and no kind renders, by name: it has to be said. A secret has a digest of its
-- value, so that two of them can be compared; the value itself is not read.
-- schema: the one that it is in, NULL: none.
-- params: none
-- columns: text text!, digest text, extension text, quiet bool!, schema text
WITH member AS MATERIALIZED (
    SELECT d.classid, d.objid, x.extname
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid
    WHERE d.deptype = 'e' AND d.refclassid = 3079
), system_schema AS (
    SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
    WHERE n.nspname IN ('pg_catalog', 'information_schema')
), acl AS MATERIALIZED (
    SELECT 1259::oid AS classid, c.oid AS objid, 0 AS objsubid, c.relacl AS acl
    FROM pg_catalog.pg_class c
    -- initdb makes information_schema after it has written down the first privileges
    WHERE c.relpersistence <> 't' AND c.relnamespace <> 'information_schema'::pg_catalog.regnamespace
    UNION ALL SELECT 1259, a.attrelid, a.attnum::int4, a.attacl FROM pg_catalog.pg_attribute a
    WHERE a.attacl IS NOT NULL
    UNION ALL SELECT 1255, oid, 0, proacl FROM pg_catalog.pg_proc
    UNION ALL SELECT 2615, oid, 0, nspacl FROM pg_catalog.pg_namespace
    WHERE oid <> 2200 AND nspname <> 'information_schema'
    UNION ALL SELECT 1247, oid, 0, typacl FROM pg_catalog.pg_type
    UNION ALL SELECT 2612, oid, 0, lanacl FROM pg_catalog.pg_language
    UNION ALL SELECT 2328, oid, 0, fdwacl FROM pg_catalog.pg_foreign_data_wrapper
)
SELECT u.text, u.digest, NULL::text AS extension, false AS quiet,
       CASE WHEN u.classid = 2615
            THEN (SELECT n.nspname::text FROM pg_catalog.pg_namespace n WHERE n.oid = u.objid)
            WHEN u.objid <> 0 THEN (pg_catalog.pg_identify_object(u.classid, u.objid, u.objsubid)).schema
       END AS schema
FROM (
SELECT 2613::oid AS classid, 0::oid AS objid, 0 AS objsubid,
       'large objects of role ' || pg_catalog.pg_get_userbyid(l.lomowner) || ': ' || count(*) AS text,
       NULL::text AS digest
FROM pg_catalog.pg_largeobject_metadata l
GROUP BY l.lomowner
UNION ALL
SELECT 2617, o.oid, 0, 'operator ' || o.oid::pg_catalog.regoperator::text || ' (declared, never made)', NULL
FROM pg_catalog.pg_operator o
WHERE o.oid >= 16384 AND o.oprcode = 0
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_operator m WHERE m.oprcode <> 0 AND o.oid IN (m.oprcom, m.oprnegate))
  AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 2617 AND m.objid = o.oid)
UNION ALL
-- what a build that failed has left; CREATE INDEX would make a valid one
SELECT 1259, i.indexrelid, 0, 'that index ' || i.indexrelid::pg_catalog.regclass::text || ' is invalid', NULL
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' AND i.indexrelid >= 16384
  AND n.nspname NOT IN ('pg_toast', 'information_schema', 'godwit')
UNION ALL
-- secrets among the options of foreign objects
SELECT o.classid, o.objid, 0, 'option ' || p.option_name || ' of ' || o.name || ' (a secret)',
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p.option_value, 'UTF8')), 'hex')
FROM (SELECT 2328::oid AS classid, w.oid AS objid, 'foreign data wrapper ' || w.fdwname AS name,
             w.fdwoptions AS options
      FROM pg_catalog.pg_foreign_data_wrapper w
      UNION ALL
      SELECT 1417, s.oid, 'server ' || s.srvname, s.srvoptions FROM pg_catalog.pg_foreign_server s
      UNION ALL
      SELECT 1418, m.umid, 'the user mapping for ' || m.usename || ' on server ' || m.srvname, m.umoptions
      FROM pg_catalog.pg_user_mappings m
      UNION ALL
      SELECT 1259, f.ftrelid, 'foreign table ' || f.ftrelid::pg_catalog.regclass::text, f.ftoptions
      FROM pg_catalog.pg_foreign_table f
      UNION ALL
      SELECT 1259, a.attrelid, 'column ' || a.attrelid::pg_catalog.regclass::text || '.'
                               || pg_catalog.quote_ident(a.attname), a.attfdwoptions
      FROM pg_catalog.pg_attribute a
      WHERE a.attfdwoptions IS NOT NULL AND NOT a.attisdropped) AS o,
     pg_catalog.pg_options_to_table(o.options) AS p
WHERE p.option_name ~* '(pass|pwd|secret|token|credential|private|api_?key|access_?key)'
   OR p.option_value ~* '(passw(or)?d|pwd|secret)[[:space:]]*=|://[^/@:[:space:]]*:[^/@[:space:]]+@'
UNION ALL
SELECT 1418, m.umid, 0, 'the options of the user mapping for ' || m.usename || ' on server ' || m.srvname
       || ' (not to be read by this role)', NULL
FROM pg_catalog.pg_user_mappings m
WHERE m.umoptions IS NULL AND m.usename <> pg_catalog.current_user()
  AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = pg_catalog.current_user())
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_foreign_server s
                  WHERE s.oid = m.srvid AND pg_catalog.pg_has_role(s.srvowner, 'USAGE')
                    AND m.umuser = 0)
UNION ALL
-- what was put into PostgreSQL's own schemas
SELECT 1259, c.oid, 0, 'relation ' || n.nspname || '.' || c.relname || ' in a schema of the system', NULL
FROM pg_catalog.pg_class c JOIN system_schema n ON n.oid = c.relnamespace
WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 1259 AND m.objid = c.oid)
  AND c.relkind NOT IN ('i', 'I', 't')
UNION ALL
SELECT 1255, p.oid, 0, 'routine ' || n.nspname || '.' || p.proname || ' in a schema of the system', NULL
FROM pg_catalog.pg_proc p JOIN system_schema n ON n.oid = p.pronamespace
WHERE p.oid >= 16384 AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 1255 AND m.objid = p.oid)
UNION ALL
SELECT 1247, t.oid, 0, 'type ' || n.nspname || '.' || t.typname || ' in a schema of the system', NULL
FROM pg_catalog.pg_type t JOIN system_schema n ON n.oid = t.typnamespace
WHERE t.oid >= 16384 AND t.typtype <> 'c' AND t.typelem = 0
  AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 1247 AND m.objid = t.oid)
UNION ALL
-- privileges on what is not an object of a schema's value
SELECT a.classid, a.objid, a.objsubid,
       'privileges on ' || pg_catalog.pg_describe_object(a.classid, a.objid, a.objsubid)
       || CASE WHEN m.extname IS NULL THEN ', PostgreSQL''s own' ELSE ', of extension ' || m.extname END,
       a.acl::text
FROM acl a
LEFT JOIN pg_catalog.pg_init_privs i
    ON i.classoid = a.classid AND i.objoid = a.objid AND i.objsubid = a.objsubid
LEFT JOIN member m ON m.classid = a.classid AND m.objid = a.objid
WHERE a.acl IS NOT NULL AND (a.objid < 16384 OR m.objid IS NOT NULL)
  AND NOT (coalesce(a.acl @> i.initprivs, false) AND a.acl <@ i.initprivs)
UNION ALL
SELECT 1259, c.oid, 0, 'privileges on the sequence of identity column ' || t.oid::pg_catalog.regclass::text
       || '.' || pg_catalog.quote_ident(a.attname), NULL
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_depend d ON d.classid = 1259 AND d.objid = c.oid AND d.refclassid = 1259
                           AND d.deptype = 'i'
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S' AND c.relacl IS NOT NULL
  AND c.relacl <> pg_catalog.acldefault('s', c.relowner)
) AS u
ORDER BY u.text;
