-- What writing to a table sets off beside it, disabled or not: triggers, rules, foreign keys that delete or
-- reset the rows that refer, and views of the names $1 (a JSON list) that hand it on to their tables. events:
-- as in pg_trigger.tgtype. A table stands there for what inherits from it too. text: a rule's own.
-- params: jsonb
-- columns: relation oid!, what text!, name text!, shown text!, events integer!, instead boolean!, off boolean!,
--   schema text, function text, text text, other oid!, other_name text, columns text, columns_set text,
--   column_name text, referenced text, referenced_columns text
WITH RECURSIVE armed AS (
    SELECT t.tgrelid AS relation, 'trigger' AS what, t.tgname AS name, t.tgtype::pg_catalog.int4 & 60 AS events,
           t.tgtype::pg_catalog.int4 & 64 <> 0 AS instead, t.tgenabled IN ('D', 'R') AS off,
           t.tgtype::pg_catalog.int4 & 1 <> 0 AS inherited, p.pronamespace AS namespace, p.proname AS function,
           NULL::pg_catalog.oid AS rule, NULL::pg_catalog.oid AS other, NULL::pg_catalog.oid AS key
    FROM pg_catalog.pg_trigger AS t
    JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang AND l.lanname NOT IN ('c', 'internal')
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT r.ev_class, 'rule', r.rulename, CASE r.ev_type WHEN '2' THEN 16 WHEN '3' THEN 4 ELSE 8 END,
           r.is_instead AND r.ev_qual::pg_catalog.text = '<>', r.ev_enabled IN ('D', 'R'), false, NULL, NULL,
           r.oid, NULL, NULL
    FROM pg_catalog.pg_rewrite AS r
    WHERE r.ev_type IN ('2', '3', '4')
    UNION ALL
    SELECT k.confrelid, w.what, k.conname, w.events, false, false,
           NOT c.relispartition, NULL, NULL, NULL, k.conrelid, k.oid
    FROM pg_catalog.pg_constraint AS k
    JOIN pg_catalog.pg_class AS c ON c.oid = k.confrelid
    CROSS JOIN LATERAL (VALUES
        ('cascade', CASE WHEN k.confdeltype = 'c' THEN 8 ELSE 0 END),
        ('reset', CASE WHEN k.confdeltype IN ('n', 'd') THEN 8 ELSE 0 END
                  + CASE WHEN k.confupdtype IN ('n', 'd') THEN 16 ELSE 0 END)) AS w (what, events)
    WHERE k.contype = 'f' AND w.events > 0
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS w
                      WHERE w.oid = k.conparentid AND w.confrelid = k.confrelid)
    UNION ALL
    SELECT DISTINCT r.ev_class, 'view', v.relname, 28, false, false, false, NULL::pg_catalog.oid,
           NULL::pg_catalog.name, NULL::pg_catalog.oid, d.refobjid, NULL::pg_catalog.oid
    FROM pg_catalog.jsonb_array_elements_text($1::pg_catalog.jsonb) AS n (name)
    JOIN pg_catalog.pg_class AS v ON v.relname = n.name::pg_catalog.name AND v.relkind = 'v'
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = v.oid AND r.ev_type = '1'
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
        AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        AND d.refobjid <> v.oid AND d.deptype = 'n'
    WHERE pg_catalog.pg_relation_is_updatable(v.oid, false) <> 0
), above AS (
    SELECT a.relation, a.relation AS ancestor FROM armed AS a
    UNION
    SELECT u.relation, i.inhparent
    FROM above AS u
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = u.ancestor
)
SELECT DISTINCT ON (u.ancestor, a.what, a.name, a.namespace, a.function, a.key, a.rule, a.other)
       u.ancestor AS relation, a.what::pg_catalog.text AS what, a.name::pg_catalog.text AS name,
       pg_catalog.format('%s.%s', n.nspname, c.relname) AS shown, a.events, a.instead, a.off,
       f.nspname::pg_catalog.text AS schema, a.function::pg_catalog.text AS function,
       pg_catalog.pg_get_ruledef(a.rule) AS text, coalesce(a.other, 0::pg_catalog.oid) AS other, o.relname::pg_catalog.text AS other_name,
       k.columns, k.columns_set, k.column_name, k.referenced, k.referenced_columns
FROM armed AS a
JOIN above AS u ON u.relation = a.relation AND (a.inherited OR u.ancestor = a.relation)
JOIN pg_catalog.pg_class AS c ON c.oid = a.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_namespace AS f ON f.oid = a.namespace
LEFT JOIN pg_catalog.pg_class AS o ON o.oid = a.other
LEFT JOIN LATERAL (
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(x.attname), ', ' ORDER BY p.n) AS columns,
           pg_catalog.string_agg(pg_catalog.quote_ident(x.attname) || ' IS NOT NULL', ' AND ' ORDER BY p.n)
               AS columns_set,
           (pg_catalog.array_agg(x.attname::pg_catalog.text ORDER BY p.n))[1] AS column_name,
           pg_catalog.quote_ident(rn.nspname) || '.' || pg_catalog.quote_ident(r.relname) AS referenced,
           pg_catalog.string_agg(pg_catalog.quote_ident(y.attname), ', ' ORDER BY p.n) AS referenced_columns
    FROM pg_catalog.pg_constraint AS q
    JOIN pg_catalog.pg_class AS r ON r.oid = q.confrelid
    JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
    CROSS JOIN LATERAL pg_catalog.generate_subscripts(q.conkey, 1) AS p (n)
    JOIN pg_catalog.pg_attribute AS x ON x.attrelid = q.conrelid AND x.attnum = q.conkey[p.n]
    JOIN pg_catalog.pg_attribute AS y ON y.attrelid = q.confrelid AND y.attnum = q.confkey[p.n]
    WHERE q.oid = a.key
    GROUP BY rn.nspname, r.relname
) AS k ON true
WHERE n.nspname NOT IN ('information_schema', 'godwit') AND n.nspname !~ '^pg_'
ORDER BY u.ancestor, a.what, a.name, a.namespace, a.function, a.key, a.rule, a.other;
