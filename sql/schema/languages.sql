-- Procedural languages.
-- params: none
-- columns: oid oid!, name text!, owner text!, trusted bool!, handler text, inline text,
--    validator text
SELECT l.oid, l.lanname::text AS name, pg_catalog.pg_get_userbyid(l.lanowner)::text AS owner,
       l.lanpltrusted AS trusted,
       nullif(l.lanplcallfoid::pg_catalog.regproc::text, '-') AS handler,
       nullif(l.laninline::pg_catalog.regproc::text, '-') AS inline,
       nullif(l.lanvalidator::pg_catalog.regproc::text, '-') AS validator
FROM pg_catalog.pg_language l
WHERE l.lanispl AND l.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 2612 AND e.objid = l.oid AND e.deptype IN ('e'))
ORDER BY l.lanname COLLATE "C";
