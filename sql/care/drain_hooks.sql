-- What would fire where rows leave a DEFAULT partition ($1) of a table ($2) for another of its partitions: foreign keys that refer to the table, triggers; with what puts
-- each off and on again. A key comes back with its rows unread, marked so that they are read afterwards; one without statements cannot be put off.
-- params: oid, oid
-- columns: name text!, off text, again text
SELECT pg_catalog.format('%I of %s', f.conname, f.conrelid::pg_catalog.regclass::pg_catalog.text) AS name,
       CASE WHEN o.ours THEN pg_catalog.format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, c.relname, f.conname) END AS off,
       CASE WHEN o.ours THEN pg_catalog.format('ALTER TABLE %1$I.%2$I ADD CONSTRAINT %3$I %4$s NOT VALID; COMMENT ON CONSTRAINT %3$I ON %1$I.%2$I IS %5$L', n.nspname, c.relname, f.conname,
                                               pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(f.oid), ' NOT VALID$', ''),
                                               pg_catalog.replace(o.comment, '[godwit: to be validated]', '') || '[godwit: to be validated]') END AS again
FROM pg_catalog.pg_constraint AS f
JOIN pg_catalog.pg_class AS c ON c.oid = f.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT coalesce(pg_catalog.obj_description(f.oid, 'pg_constraint'), '') AS comment) AS d
CROSS JOIN LATERAL (SELECT d.comment, f.confrelid = $2 AND f.conrelid <> $2 AND c.relkind = 'r' AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
                           AND (f.convalidated OR pg_catalog.strpos(d.comment, '[godwit: to be validated]') > 0) AS ours) AS o
WHERE f.contype = 'f' AND f.confrelid IN ($1, $2) AND f.conparentid = 0 AND coalesce(pg_catalog.to_jsonb(f) ->> 'conenforced', 'true') = 'true'
UNION ALL
SELECT g.tgname::pg_catalog.text AS name,
       pg_catalog.format('ALTER TABLE %I.%I DISABLE TRIGGER %I', n.nspname, t.relname, g.tgname) AS off,
       pg_catalog.format('ALTER TABLE %I.%I ENABLE %sTRIGGER %I', n.nspname, t.relname,
                         CASE g.tgenabled WHEN 'A' THEN 'ALWAYS ' WHEN 'R' THEN 'REPLICA ' ELSE '' END, g.tgname) AS again
FROM pg_catalog.pg_trigger AS g
JOIN pg_catalog.pg_class AS t ON t.oid = g.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
WHERE g.tgrelid = $1 AND g.tgenabled <> 'D' AND (NOT g.tgisinternal OR g.tgconstraint = 0);
