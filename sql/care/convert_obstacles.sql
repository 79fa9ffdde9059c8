-- What of a plain table ($1) could not be carried to one that is partitioned by a column ($2), with a primary key of other columns ($3) or,
-- where that is NULL, its own: each by name.
-- params: oid, text, text[]
-- columns: obstacle text!
WITH t AS (
    SELECT c.*, p.oid AS pk, p.conkey AS pk_key,
           (SELECT a.attnum FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = $2::pg_catalog.text AND a.attnum > 0 AND NOT a.attisdropped) AS by
    FROM pg_catalog.pg_class AS c
    LEFT JOIN pg_catalog.pg_constraint AS p ON p.conrelid = c.oid AND p.contype = 'p'
    WHERE c.oid = $1
)
SELECT o.obstacle::pg_catalog.text AS obstacle
FROM t
CROSS JOIN LATERAL (
    SELECT 'it has no column ' || pg_catalog.quote_ident($2::pg_catalog.text) AS obstacle WHERE t.by IS NULL
    UNION ALL SELECT 'it is not an ordinary table (unlogged, temporary, of a type)' WHERE t.relpersistence <> 'p' OR t.reloftype <> 0
    UNION ALL SELECT 'it has no primary key' WHERE t.pk IS NULL
    UNION ALL SELECT 'its primary key is without ' || pg_catalog.quote_ident($2::pg_catalog.text) || ': say which one it shall have (convert: {by: …, key: […]})'
              WHERE t.pk IS NOT NULL AND $3::pg_catalog.text[] IS NULL AND NOT t.by = ANY (t.pk_key)
    UNION ALL SELECT 'the key that it shall have is without ' || pg_catalog.quote_ident($2::pg_catalog.text) WHERE NOT $2::pg_catalog.text = ANY ($3::pg_catalog.text[])
    UNION ALL SELECT 'it has storage parameters: ' || pg_catalog.array_to_string(t.reloptions, ', ') WHERE t.reloptions IS NOT NULL
    UNION ALL SELECT 'it has row-level security' WHERE t.relrowsecurity OR t.relforcerowsecurity
                  OR EXISTS (SELECT 1 FROM pg_catalog.pg_policy AS p WHERE p.polrelid = t.oid)
    UNION ALL SELECT 'its replica identity is not the primary key' WHERE t.relreplident <> 'd'
    UNION ALL SELECT 'it inherits, or is inherited from' WHERE EXISTS (SELECT 1 FROM pg_catalog.pg_inherits AS i WHERE t.oid IN (i.inhrelid, i.inhparent))
    UNION ALL SELECT 'the publication ' || pg_catalog.quote_ident(p.pubname) || ' names it' FROM pg_catalog.pg_publication_rel AS r
              JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid WHERE r.prrelid = t.oid
    UNION ALL SELECT 'column ' || pg_catalog.quote_ident(a.attname) || ' has privileges of its own' FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = t.oid AND a.attacl IS NOT NULL
    UNION ALL SELECT 'the statistics ' || pg_catalog.quote_ident(s.stxname) FROM pg_catalog.pg_statistic_ext AS s WHERE s.stxrelid = t.oid
    UNION ALL SELECT 'the constraint ' || pg_catalog.quote_ident(c.conname) || ' of ' || c.conrelid::pg_catalog.regclass::pg_catalog.text || ' refers to it'
              FROM pg_catalog.pg_constraint AS c WHERE c.contype = 'f' AND c.confrelid = t.oid
    UNION ALL SELECT 'the constraint ' || pg_catalog.quote_ident(c.conname) || ' ' || pg_catalog.pg_get_constraintdef(c.oid)
              FROM pg_catalog.pg_constraint AS c
              WHERE c.conrelid = t.oid AND (c.contype NOT IN ('p', 'u', 'c', 'f', 'n') OR (c.contype IN ('c', 'f') AND NOT c.convalidated)
                                            OR (c.contype IN ('p', 'u') AND c.condeferrable) OR (c.contype = 'u' AND NOT t.by = ANY (c.conkey)))
    UNION ALL SELECT 'the index ' || i.indexrelid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_index AS i
              WHERE i.indrelid = t.oid AND NOT i.indisprimary
                AND (NOT i.indisvalid OR i.indisclustered OR (i.indisunique AND (NOT t.by = ANY (i.indkey::pg_catalog.int2[])
                                                                  OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)))
    UNION ALL SELECT 'the trigger ' || pg_catalog.quote_ident(g.tgname) FROM pg_catalog.pg_trigger AS g
              WHERE g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgname !~ '^godwit_capture'
                AND (g.tgenabled <> 'O' OR g.tgconstraint <> 0 OR ((g.tgtype & 1) = 1 AND (g.tgnewtable IS NOT NULL OR g.tgoldtable IS NOT NULL))
                     OR ((g.tgtype & 3) = 3 AND pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 130000))
    UNION ALL SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) || ' depends on it' FROM pg_catalog.pg_depend AS d
              WHERE ((d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = t.oid)
                     OR (d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid = t.reltype))
                AND d.deptype = 'n' AND d.classid IN ('pg_catalog.pg_rewrite'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass,
                                                      'pg_catalog.pg_class'::pg_catalog.regclass)
                AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS s WHERE s.oid = d.objid AND s.relkind IN ('S', 'i', 't')
                                AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass)
) AS o
ORDER BY 1;
