-- Sequences that have used three quarters of their numbers, or of those that the column which they fill can hold.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT CASE WHEN u.used >= 0.9 THEN 'error' END AS severity,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS object,
       pg_catalog.format('at %s, %s %% of the way to %s%s', v.last, pg_catalog.trunc(100 * u.used, 1), l.most,
                         coalesce(pg_catalog.format('; fills %s.%I (%s)', a.attrelid::pg_catalog.regclass, a.attname,
                                                    pg_catalog.format_type(a.atttypid, a.atttypmod)), '')) AS evidence,
       CASE WHEN a.atttypid IN (21, 23)
            THEN pg_catalog.format('ALTER TABLE %I.%I ALTER COLUMN %I TYPE bigint', tn.nspname, t.relname, a.attname)
                 || CASE WHEN d.deptype = 'a' THEN pg_catalog.format('; ALTER SEQUENCE %I.%I AS bigint', n.nspname, c.relname) ELSE '' END
            WHEN q.seqtypid <> 20
            THEN pg_catalog.format('ALTER SEQUENCE %I.%I AS bigint', n.nspname, c.relname) END AS sql
FROM pg_catalog.pg_sequence AS q
JOIN pg_catalog.pg_class AS c ON c.oid = q.seqrelid AND c.relpersistence <> 't'
    AND NOT (c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
LEFT JOIN pg_catalog.pg_class AS t ON t.oid = a.attrelid
LEFT JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
CROSS JOIN LATERAL (
    SELECT CASE WHEN pg_catalog.has_sequence_privilege(q.seqrelid, 'USAGE, SELECT')
                THEN pg_catalog.pg_sequence_last_value(q.seqrelid) END::pg_catalog.numeric AS last
) AS v
CROSS JOIN LATERAL (
    SELECT CASE WHEN q.seqincrement > 0
                THEN least(q.seqmax, CASE a.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE q.seqmax END)
                ELSE greatest(q.seqmin, CASE a.atttypid WHEN 21 THEN -32768 WHEN 23 THEN -2147483648 ELSE q.seqmin END)
                END::pg_catalog.numeric AS most
) AS l
CROSS JOIN LATERAL (
    SELECT CASE WHEN q.seqincrement > 0 THEN (v.last - q.seqmin + 1) / greatest(l.most - q.seqmin + 1, 1)
                ELSE (q.seqmax - v.last + 1) / greatest(q.seqmax - l.most + 1, 1) END AS used
) AS u
WHERE v.last IS NOT NULL AND u.used >= 0.75
  AND NOT (q.seqcycle AND l.most IN (q.seqmax, q.seqmin))
ORDER BY u.used DESC, object;
