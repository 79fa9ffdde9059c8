-- What of a plain table ($1) could not be carried to one that is partitioned by a column ($2), with a primary key of other columns ($3) or,
-- where that is NULL, its own: each by name. So are changes of it that the new one ($4, where it is there) has missed.
-- params: oid, text, text[], text
-- columns: obstacle text!
WITH t AS (
    SELECT c.*, p.oid AS pk, p.conkey AS pk_key,
           (SELECT a.attnum FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = $2::pg_catalog.text AND a.attnum > 0 AND NOT a.attisdropped) AS by,
           coalesce((SELECT pg_catalog.array_agg(a.attnum) FROM pg_catalog.pg_attribute AS a
                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY ($3::pg_catalog.text[])), p.conkey) AS new_key,
           (SELECT n.oid FROM pg_catalog.pg_class AS n WHERE n.relnamespace = c.relnamespace AND n.relname = $4::pg_catalog.text AND n.relkind = 'p') AS new,
           (SELECT r.rolsuper OR r.rolbypassrls FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) AS sees_all
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
    UNION ALL SELECT 'its row-level security holds for ' || pg_catalog.quote_ident(current_user) || ', too: it needs BYPASSRLS, or the table NO FORCE ROW LEVEL SECURITY'
              WHERE t.relrowsecurity AND t.relforcerowsecurity AND NOT t.sees_all
    UNION ALL SELECT 'its replica identity is not the primary key' WHERE t.relreplident <> 'd'
    UNION ALL SELECT 'it inherits, or is inherited from' WHERE EXISTS (SELECT 1 FROM pg_catalog.pg_inherits AS i WHERE t.oid IN (i.inhrelid, i.inhparent))
    UNION ALL SELECT 'the publication ' || pg_catalog.quote_ident(p.pubname) || CASE
                  WHEN coalesce(pg_catalog.to_jsonb(p) ->> 'pubviaroot', 'false') = 'false' THEN ' would name its partitions to subscribers'
                      || CASE WHEN pg_catalog.to_jsonb(p) ? 'pubviaroot' THEN ': set publish_via_partition_root of it first' ELSE '' END
                  WHEN coalesce(pg_catalog.to_jsonb(r) ->> 'prqual', pg_catalog.to_jsonb(r) ->> 'prattrs') IS NOT NULL THEN ' has only some of its rows or columns'
                  WHEN NOT t.pk_key <@ t.new_key THEN ' sends its primary key, and the new one lacks a column of that'
                  ELSE ' belongs to ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.pubowner)) END
              FROM pg_catalog.pg_publication_rel AS r
              JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
              WHERE r.prrelid = t.oid
                AND (coalesce(pg_catalog.to_jsonb(p) ->> 'pubviaroot', 'false') = 'false' OR NOT t.pk_key <@ t.new_key OR NOT pg_catalog.pg_has_role(p.pubowner, 'USAGE')
                     OR coalesce(pg_catalog.to_jsonb(r) ->> 'prqual', pg_catalog.to_jsonb(r) ->> 'prattrs') IS NOT NULL)
    UNION ALL SELECT 'the publication ' || pg_catalog.quote_ident(p.pubname) || ' takes every table beside it, the one that is made, too'
              FROM pg_catalog.pg_publication_tables AS x
              JOIN pg_catalog.pg_publication AS p ON p.pubname = x.pubname
              JOIN pg_catalog.pg_namespace AS n ON n.nspname = x.schemaname
              WHERE n.oid = t.relnamespace AND x.tablename = t.relname AND (p.puballtables OR NOT EXISTS (
                  SELECT 1 FROM pg_catalog.pg_publication_rel AS r WHERE r.prpubid = p.oid AND r.prrelid = t.oid))
    UNION ALL SELECT 'column ' || pg_catalog.quote_ident(a.attname) || ' has privileges of its own' FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = t.oid AND a.attacl IS NOT NULL
    UNION ALL SELECT 'the statistics ' || pg_catalog.quote_ident(s.stxname) FROM pg_catalog.pg_statistic_ext AS s WHERE s.stxrelid = t.oid
    UNION ALL SELECT 'the constraint ' || pg_catalog.quote_ident(c.conname) || ' of ' || c.conrelid::pg_catalog.regclass::pg_catalog.text || ' refers to it'
                  || CASE WHEN c.conrelid = t.oid THEN ' itself' WHEN x.relkind <> 'r' OR c.conparentid <> 0 THEN ', and is one of a partitioned table'
                          WHEN NOT c.convalidated THEN ', and is not validated' WHEN NOT pg_catalog.pg_has_role(x.relowner, 'USAGE')
                          THEN ', and that belongs to ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.relowner))
                          ELSE ' by columns that are no key of a table partitioned by ' || pg_catalog.quote_ident($2::pg_catalog.text) END
              FROM pg_catalog.pg_constraint AS c JOIN pg_catalog.pg_class AS x ON x.oid = c.conrelid
              WHERE c.contype = 'f' AND c.confrelid = t.oid
                AND (c.conrelid = t.oid OR x.relkind <> 'r' OR c.conparentid <> 0 OR NOT c.convalidated OR NOT pg_catalog.pg_has_role(x.relowner, 'USAGE')
                     OR NOT (c.confkey <@ t.new_key AND t.new_key <@ c.confkey
                             OR EXISTS (SELECT 1 FROM pg_catalog.pg_index AS i WHERE i.indrelid = t.oid AND i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL
                                        AND t.by = ANY (c.confkey) AND c.confkey <@ (i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1] AND (i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1] <@ c.confkey)))
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
    UNION ALL SELECT DISTINCT 'the view ' || w.oid::pg_catalog.regclass::pg_catalog.text || CASE
                  WHEN w.relpersistence = 't' THEN ' is a temporary one' WHEN v.text ~ '\mONLY\M' THEN ' reads ONLY it, and a partitioned table has no rows of its own'
                  WHEN k.objid IS NOT NULL THEN ' groups by its primary key'
                  ELSE ' belongs to ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(w.relowner)) || ', or stands where nothing may be made' END
              FROM pg_catalog.pg_depend AS d
              JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid AND r.rulename = '_RETURN'
              JOIN pg_catalog.pg_class AS w ON w.oid = r.ev_class AND w.relkind = 'v'
              LEFT JOIN pg_catalog.pg_depend AS k ON k.classid = d.classid AND k.objid = d.objid AND k.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.refobjid = t.pk
                  AND $3::pg_catalog.text[] IS NOT NULL
              CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_viewdef(w.oid)) AS v (text)
              WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = t.oid AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                AND (w.relpersistence = 't' OR v.text ~ '\mONLY\M' OR k.objid IS NOT NULL OR NOT pg_catalog.pg_has_role(w.relowner, 'USAGE')
                     OR NOT pg_catalog.has_schema_privilege(w.relnamespace, 'CREATE'))
    UNION ALL SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) || ' depends on it' FROM pg_catalog.pg_depend AS d
              WHERE ((d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = t.oid
                      AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite AS r JOIN pg_catalog.pg_class AS w ON w.oid = r.ev_class
                                      WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid AND r.rulename = '_RETURN' AND w.relkind = 'v'))
                     OR (d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
                         AND d.refobjid IN (t.reltype, (SELECT y.typarray FROM pg_catalog.pg_type AS y WHERE y.oid = t.reltype))))
                AND d.deptype = 'n' AND d.classid IN ('pg_catalog.pg_rewrite'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass,
                                                      'pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_policy'::pg_catalog.regclass)
                AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class AS s WHERE s.oid = d.objid AND s.relkind IN ('S', 'i', 't')
                                AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass)
                AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_policy AS p WHERE p.oid = d.objid AND p.polrelid = t.oid
                                AND d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass)
    UNION ALL SELECT x.what || ' has changed since ' || t.new::pg_catalog.regclass::pg_catalog.text || ' was made: DROP FUNCTION '
                  || pg_catalog.format('%I.%I', (SELECT n.nspname FROM pg_catalog.pg_namespace AS n WHERE n.oid = t.relnamespace), 'godwit_capture_' || t.oid::pg_catalog.text)
                  || '() CASCADE; DROP TABLE ' || t.new::pg_catalog.regclass::pg_catalog.text || '; and the next run begins anew'
              FROM (
                  SELECT 'column ' || pg_catalog.quote_ident(coalesce(a.attname, b.attname)) AS what
                  FROM (SELECT y.*, pg_catalog.pg_get_expr(e.adbin, e.adrelid) AS value FROM pg_catalog.pg_attribute AS y
                        LEFT JOIN pg_catalog.pg_attrdef AS e ON e.adrelid = y.attrelid AND e.adnum = y.attnum
                        WHERE y.attrelid = t.oid AND y.attnum > 0 AND NOT y.attisdropped) AS a
                  FULL JOIN (SELECT y.*, pg_catalog.pg_get_expr(e.adbin, e.adrelid) AS value FROM pg_catalog.pg_attribute AS y
                             LEFT JOIN pg_catalog.pg_attrdef AS e ON e.adrelid = y.attrelid AND e.adnum = y.attnum
                             WHERE y.attrelid = t.new AND y.attnum > 0 AND NOT y.attisdropped) AS b ON b.attname = a.attname
                  WHERE (a.attname IS NULL OR b.attname IS NULL OR a.atttypid <> b.atttypid OR a.atttypmod <> b.atttypmod OR a.attcollation <> b.attcollation
                         OR a.attidentity <> b.attidentity OR a.attgenerated <> b.attgenerated OR a.value IS DISTINCT FROM b.value OR (a.attnotnull AND NOT b.attnotnull))
                  UNION ALL
                  SELECT 'the constraint ' || pg_catalog.quote_ident(c.conname) FROM pg_catalog.pg_constraint AS c
                  WHERE c.conrelid = t.oid AND c.contype IN ('c', 'f') AND NOT EXISTS (
                      SELECT 1 FROM pg_catalog.pg_constraint AS n
                      WHERE n.conrelid = t.new AND n.conname = c.conname AND pg_catalog.pg_get_constraintdef(n.oid) = pg_catalog.pg_get_constraintdef(c.oid))
                  UNION ALL
                  SELECT 'the index ' || i.indexrelid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_index AS i
                  WHERE i.indrelid = t.oid AND NOT EXISTS (
                      SELECT 1 FROM pg_catalog.pg_index AS y JOIN pg_catalog.pg_class AS c ON c.oid = y.indexrelid
                      WHERE y.indrelid = t.new AND c.relname = 'godwit_new_' || i.indexrelid::pg_catalog.text)
              ) AS x
              WHERE t.new IS NOT NULL
) AS o
ORDER BY 1;
