-- Functions and procedures of a name that somebody made: what they say they do. Those of extensions and of
-- compiled languages are left out. A body of standard SQL (14) is in the whole definition only.
-- params: text, text
-- columns: schema text!, name text!, language text!, body text!
SELECT n.nspname::text AS schema, p.proname::text AS name, l.lanname::text AS language,
       CASE WHEN p.prosrc = '' THEN pg_catalog.pg_get_functiondef(p.oid) ELSE p.prosrc END AS body
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE p.proname = $2::pg_catalog.text::pg_catalog.name
  AND ($1::pg_catalog.text IS NULL OR n.nspname = $1::pg_catalog.text::pg_catalog.name)
  AND p.oid >= 16384 AND p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
  AND n.nspname NOT IN ('information_schema', 'godwit') AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 1255 AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1, p.oid;
