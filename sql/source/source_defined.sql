-- A digest of the functions, operators and casts of the person's that this SQL goes through, and of those that they go
-- through themselves: by the catalog's dependencies (aggregates, BEGIN ATOMIC), and by every name that stands in a text, in
-- a body that is kept as one too. What has the name and is not meant only counts too much. NULL: there are none. What came
-- with the server (below 16384, FirstNormalObjectId) stays as it is.
-- params: text
-- columns: digest text
WITH RECURSIVE known (class, oid, name, plain, body) AS MATERIALIZED (
    SELECT x.class::pg_catalog.oid, x.oid, pg_catalog.replace(x.name, '"', '""'), x.name COLLATE "C" ~ '^[a-z0-9_$]+$', x.body
    FROM (SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass AS class, p.oid, p.proname::pg_catalog.text AS name, p.prosrc AS body
          FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
          UNION ALL
          SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, o.oid, o.oprname::pg_catalog.text, ''
          FROM pg_catalog.pg_operator o WHERE o.oid >= 16384) x),
used (class, oid, body) AS (
    SELECT 0::pg_catalog.oid, 0::pg_catalog.oid, $1::pg_catalog.text
    UNION
    SELECT k.class, k.oid, k.body
    FROM known k
    WHERE k.class = 'pg_catalog.pg_proc'::pg_catalog.regclass
      AND k.oid IN (SELECT c.castfunc FROM pg_catalog.pg_cast c WHERE c.oid >= 16384)
    UNION
    SELECT x.class, x.oid, x.body
    FROM used u
    CROSS JOIN LATERAL (
        SELECT k.class, k.oid, k.body
        FROM pg_catalog.pg_depend d
        JOIN known k ON k.class = d.refclassid AND k.oid = d.refobjid
        WHERE d.classid = u.class AND d.objid = u.oid
        UNION ALL
        SELECT k.class, k.oid, k.body
        FROM (SELECT pg_catalog.lower(u.body COLLATE "C") AS text,
                     pg_catalog.regexp_split_to_array(pg_catalog.lower(u.body COLLATE "C"), '[^a-z0-9_$]+') AS words
              OFFSET 0) b
        JOIN known k ON CASE WHEN k.plain THEN k.name = ANY (b.words)
                             ELSE pg_catalog.strpos(u.body, k.name) > 0 OR pg_catalog.strpos(b.text, k.name) > 0 END
        WHERE u.body <> '') x)
SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.string_agg(
           pg_catalog.concat_ws(E'\n', k.oid, k.name, p.def, a.def, o.def), E'\n' ORDER BY k.class, k.oid), 'UTF8')), 'hex')
       AS digest
FROM known k
JOIN (SELECT DISTINCT u.class, u.oid FROM used u) u ON u.class = k.class AND u.oid = k.oid
LEFT JOIN LATERAL (SELECT pg_catalog.pg_get_functiondef(f.oid) AS def FROM pg_catalog.pg_proc f
                   WHERE f.tableoid = k.class AND f.oid = k.oid AND f.prokind <> 'a') p ON true
LEFT JOIN LATERAL (SELECT pg_catalog.concat_ws(' ', g.aggtransfn::pg_catalog.oid, g.aggfinalfn::pg_catalog.oid,
                                               g.aggcombinefn::pg_catalog.oid, g.aggsortop, g.aggtranstype, g.agginitval) AS def
                   FROM pg_catalog.pg_aggregate g JOIN pg_catalog.pg_proc f ON f.oid = g.aggfnoid
                   WHERE f.tableoid = k.class AND f.oid = k.oid) a ON true
LEFT JOIN LATERAL (SELECT pg_catalog.concat_ws(' ', q.oprleft, q.oprright, q.oprcode::pg_catalog.oid) AS def
                   FROM pg_catalog.pg_operator q WHERE q.tableoid = k.class AND q.oid = k.oid) o ON true;
