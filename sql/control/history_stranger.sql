-- The schema of a tenant is another than the one that its history is about: another OID, and what it
-- holds is not what was there when the last row was written (what was restored from a dump is). No row:
-- it is the same, or empty (history_forget_gone), or nobody wrote down what was in it.
-- params: text
-- columns: service text, version text, missing text
SELECT last.service, last.version, pg_catalog.string_agg(o.identity, ', ') AS missing
FROM (SELECT service, version, details FROM godwit.migrations WHERE tenant = $1
      ORDER BY applied_at DESC LIMIT 1) last
JOIN pg_catalog.pg_namespace n ON n.nspname = $1
CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(
    CASE WHEN pg_catalog.jsonb_typeof(last.details->'schema_oldest') = 'array'
         THEN last.details->'schema_oldest' ELSE '[]'::pg_catalog.jsonb END) o(identity)
WHERE last.details->>'schema_oid' <> n.oid::pg_catalog.text
  AND EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'n' AND d.refobjid = n.oid
              AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)
  AND o.identity NOT IN (
      SELECT (pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid)).identity
      FROM pg_catalog.pg_depend d WHERE d.deptype = 'n' AND d.refobjid = n.oid
      AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)
GROUP BY last.service, last.version;
