-- Foreign keys that refer to a table ($1) and were moved to it, rows unread, when it took the place of a plain one: what reads them now, and takes the mark off.
-- params: oid
-- columns: name text!, sql text!
SELECT pg_catalog.format('%I of %s', f.conname, f.conrelid::pg_catalog.regclass::pg_catalog.text) AS name,
       pg_catalog.format('ALTER TABLE %1$I.%2$I VALIDATE CONSTRAINT %3$I; COMMENT ON CONSTRAINT %3$I ON %1$I.%2$I IS %4$L', n.nspname, c.relname, f.conname,
                         nullif(pg_catalog.replace(d.description, '[godwit: to be validated]', ''), '')) AS sql
FROM pg_catalog.pg_constraint AS f
JOIN pg_catalog.pg_class AS c ON c.oid = f.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_description AS d ON d.objoid = f.oid AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
WHERE f.confrelid = $1 AND f.contype = 'f' AND f.conparentid = 0 AND pg_catalog.strpos(d.description, '[godwit: to be validated]') > 0
ORDER BY f.oid;
