-- Collations that indexes are sorted by, and the database's own, whose library has changed since: their order may be
-- another one now.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
-- min: 15
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
UNION ALL
SELECT NULL, 'database ' || pg_catalog.quote_ident(d.datname),
       pg_catalog.format('was made with version %s of its collation, which is %s now', d.datcollversion, v.now),
       pg_catalog.format('ALTER DATABASE %I REFRESH COLLATION VERSION', d.datname)
FROM pg_catalog.pg_database AS d
CROSS JOIN LATERAL (SELECT pg_catalog.pg_database_collation_actual_version(d.oid) AS now) AS v
WHERE d.datname = pg_catalog.current_database() AND d.datcollversion IS NOT NULL
  AND v.now IS DISTINCT FROM d.datcollversion
ORDER BY 2;
