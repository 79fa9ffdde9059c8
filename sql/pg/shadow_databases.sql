-- The databases of a server as shadows see them. A run's databases bear its token, and its session
-- holds an advisory lock on that number: where nobody holds it the run is dead (its session may
-- be connected to any database of the server). used_at is the comment of a template: when it was
-- used last.
-- params: none
-- columns: name text!, is_shadow boolean!, is_template boolean!, is_dead boolean!, used_at text
-- min: 12
SELECT d.datname::pg_catalog.text AS name,
       t.token IS NOT NULL AS is_shadow,
       d.datname ~ '^tpl_[0-9a-f]{32}$' AS is_template,
       t.token IS NOT NULL AND NOT EXISTS (
           SELECT
             FROM pg_catalog.pg_locks AS l
            WHERE l.locktype = 'advisory'
              AND l.objsubid = 1
              AND l.granted
              AND ((l.classid::pg_catalog.int8 << 32) | l.objid::pg_catalog.int8) = t.token
       ) AS is_dead,
       pg_catalog.shobj_description(d.oid, 'pg_database') AS used_at
  FROM pg_catalog.pg_database AS d
 CROSS JOIN LATERAL (
           SELECT CASE WHEN d.datname ~ '^godwit_shadow_[0-9a-f]{16}_'
                       THEN ('x' || pg_catalog.substr(d.datname::pg_catalog.text, 15, 16))
                            ::pg_catalog.bit(64)::pg_catalog.int8 END AS token
       ) AS t
 WHERE d.datname NOT IN ('template0', 'template1', 'postgres')
 ORDER BY d.datname;
