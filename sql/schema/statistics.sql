-- Extended statistics, their columns by name: the server sorts them by place in the table. The target is of 13 (-1: none of its own) and NULL for none from 17 on: where
-- the catalog has none, the name is found outside of the subquery.
-- params: none
-- columns: oid oid!, schema text!, name text!, owner text!, definition text!, target int4
SELECT s.oid, n.nspname::text AS schema, s.stxname::text AS name,
       pg_catalog.pg_get_userbyid(s.stxowner)::text AS owner,
       replace(pg_catalog.pg_get_statisticsobjdef(s.oid), ' ON ' || k.by_place, ' ON ' || k.by_name)
           AS definition,
       CASE WHEN s.target >= 0 THEN s.target END AS target
FROM (SELECT NULL::int4 AS stxstattarget) AS absent
CROSS JOIN LATERAL (SELECT e.oid, e.stxname, e.stxrelid, e.stxkeys, e.stxnamespace, e.stxowner, stxstattarget::int4 AS target
                    FROM pg_catalog.pg_statistic_ext e) AS s
CROSS JOIN LATERAL (
    SELECT coalesce(string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum), '') AS by_place,
           coalesce(string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C"), '')
               AS by_name
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys)) AS k
JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
WHERE s.oid >= 16384
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'godwit')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 3381 AND e.objid = s.oid AND e.deptype = 'e')
ORDER BY n.nspname COLLATE "C", s.stxname COLLATE "C";
