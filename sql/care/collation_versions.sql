-- Collations that indexes are sorted by and whose library has changed since: their order may be another one now.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, pg_catalog.format('%I.%I', n.nspname, c.collname) AS object,
       pg_catalog.format('was made with version %s and is %s now; %s indexes are sorted by it', c.collversion, v.now, u.indexes)
           AS evidence,
       pg_catalog.format('ALTER COLLATION %I.%I REFRESH VERSION', n.nspname, c.collname) AS sql
FROM pg_catalog.pg_collation AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.pg_collation_actual_version(c.oid) AS now) AS v
CROSS JOIN LATERAL (SELECT pg_catalog.count(*) AS indexes FROM pg_catalog.pg_index AS x
                    WHERE c.oid::pg_catalog.text = ANY (pg_catalog.string_to_array(x.indcollation::pg_catalog.text, ' '))) AS u
WHERE c.collversion IS NOT NULL AND c.collversion <> v.now AND u.indexes > 0
ORDER BY object;
