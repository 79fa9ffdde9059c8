-- What types are: domains followed to their base, arrays to their element. One row each, in the order given.
-- params: oid[], integer[]
-- columns: type text!, base_oid bigint!, base_type text!, base_typmod integer!, base_kind text!, category text!,
--   element_oid bigint!, element_kind text!, element_type text!, domain boolean!, domain_not_null boolean!,
--   domain_default boolean!, large_object boolean!, labels text
SELECT pg_catalog.format_type(n.type, n.typmod) AS type, b.oid::bigint AS base_oid,
       pg_catalog.format_type(b.oid, b.typmod) AS base_type, b.typmod AS base_typmod, y.typtype::text AS base_kind,
       y.typcategory::text AS category, coalesce(e.oid, 0)::bigint AS element_oid, coalesce(e.typtype, '-')::text AS element_kind,
       coalesce(pg_catalog.format_type(e.oid, NULL), '') AS element_type, t.typtype = 'd' AS domain,
       b.not_null AS domain_not_null, b.has_default AS domain_default,
       y.oid = 'pg_catalog.oid'::pg_catalog.regtype OR y.typname = 'lo' AS large_object,
       (SELECT pg_catalog.jsonb_agg(m.enumlabel ORDER BY m.enumsortorder)::text FROM pg_catalog.pg_enum m
        WHERE m.enumtypid = coalesce(e.oid, y.oid)) AS labels
FROM ROWS FROM (unnest($1::oid[]), unnest($2::integer[])) WITH ORDINALITY n(type, typmod, place)
JOIN pg_catalog.pg_type t ON t.oid = n.type
CROSS JOIN LATERAL (
    WITH RECURSIVE d(oid, typmod, not_null, has_default, depth) AS (
        SELECT t.oid, n.typmod, t.typnotnull, t.typtype = 'd' AND t.typdefault IS NOT NULL, 0
        UNION ALL
        SELECT p.oid, q.typtypmod, d.not_null OR p.typnotnull, d.has_default OR (p.typtype = 'd' AND p.typdefault IS NOT NULL),
               d.depth + 1
        FROM d JOIN pg_catalog.pg_type q ON q.oid = d.oid AND q.typtype = 'd'
        JOIN pg_catalog.pg_type p ON p.oid = q.typbasetype)
    SELECT * FROM d ORDER BY d.depth DESC LIMIT 1) b
JOIN pg_catalog.pg_type y ON y.oid = b.oid
LEFT JOIN pg_catalog.pg_type e ON y.typcategory = 'A' AND e.oid = y.typelem
ORDER BY n.place;
