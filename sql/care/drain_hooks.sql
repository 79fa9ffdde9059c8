-- What would fire where rows leave a DEFAULT partition ($1) of a table ($2) for another of its partitions: a foreign key that refers to the table
-- (without statements: it cannot be put off), triggers, with what puts each off and on again.
-- params: oid, oid
-- columns: name text!, off text, again text
SELECT pg_catalog.format('%I of %s', c.conname, c.conrelid::pg_catalog.regclass::pg_catalog.text) AS name,
       NULL::pg_catalog.text AS off, NULL::pg_catalog.text AS again
FROM pg_catalog.pg_constraint AS c
WHERE c.contype = 'f' AND c.confrelid IN ($1, $2) AND c.conparentid = 0
UNION ALL
SELECT g.tgname::pg_catalog.text AS name,
       pg_catalog.format('ALTER TABLE %I.%I DISABLE TRIGGER %I', n.nspname, t.relname, g.tgname) AS off,
       pg_catalog.format('ALTER TABLE %I.%I ENABLE %sTRIGGER %I', n.nspname, t.relname,
                         CASE g.tgenabled WHEN 'A' THEN 'ALWAYS ' WHEN 'R' THEN 'REPLICA ' ELSE '' END, g.tgname) AS again
FROM pg_catalog.pg_trigger AS g
JOIN pg_catalog.pg_class AS t ON t.oid = g.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
WHERE g.tgrelid = $1 AND g.tgenabled <> 'D' AND (NOT g.tgisinternal OR g.tgconstraint = 0);
