-- The statements that turn a plain table ($1) into one partitioned by a column ($2): `prepare` makes the new one ($3) beside it, with a DEFAULT
-- partition ($4); `capture` carries changes over; `swap` puts it in its place and calls the old one $5. The key is $6, or as it was. Steps up to 0 are
-- those that wait for others.
-- params: oid, text, text, text, text, text[]
-- columns: phase text!, step integer!, sql text!
WITH t AS (
    SELECT c.oid, c.relname, c.relacl, c.relowner, n.nspname, pg_catalog.format('%I.%I', n.nspname, c.relname) AS old,
           pg_catalog.format('%I.%I', n.nspname, $3::pg_catalog.text) AS new, pg_catalog.format('%I.%I', n.nspname, $5::pg_catalog.text) AS aside,
           pg_catalog.format('%I.%I', n.nspname, 'godwit_capture_' || c.oid::pg_catalog.text) AS capture,
           (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
           (SELECT pg_catalog.string_agg('NEW.' || pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS new_values,
           k.key, k.old_values, p.conname, p.conindid,
           coalesce((SELECT pg_catalog.string_agg(pg_catalog.quote_ident(x.name), ', ' ORDER BY x.place)
                     FROM pg_catalog.unnest($6::pg_catalog.text[]) WITH ORDINALITY AS x (name, place)), k.key) AS new_key
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_constraint AS p ON p.conrelid = c.oid AND p.contype = 'p'
    CROSS JOIN LATERAL (
        SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY x.place) AS key,
               pg_catalog.string_agg('OLD.' || pg_catalog.quote_ident(a.attname), ', ' ORDER BY x.place) AS old_values
        FROM pg_catalog.unnest(p.conkey) WITH ORDINALITY AS x (number, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = x.number
    ) AS k
    WHERE c.oid = $1
), i AS (
    SELECT x.indexrelid, x.indisunique, c.relname, n.nspname,
           pg_catalog.substr(pg_catalog.pg_get_indexdef(x.indexrelid), pg_catalog.length(pg_catalog.format(
               'CREATE %sINDEX %I ON %s ', CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END, c.relname, t.old)) + 1) AS rest,
           u.conname AS unique_name, pg_catalog.pg_get_constraintdef(u.oid) AS unique_def
    FROM t
    JOIN pg_catalog.pg_index AS x ON x.indrelid = t.oid AND NOT x.indisprimary
    JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_constraint AS u ON u.conindid = x.indexrelid AND u.contype = 'u'
), s AS (
    SELECT q.oid, q.relname, qn.nspname, a.attname, d.deptype
    FROM t
    JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = t.oid
        AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
    JOIN pg_catalog.pg_class AS q ON q.oid = d.objid AND q.relkind = 'S'
    JOIN pg_catalog.pg_namespace AS qn ON qn.oid = q.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
), w AS (
    SELECT DISTINCT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.relowner,
           ' WITH (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')' AS options
    FROM t
    JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = t.oid
        AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
    JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid AND r.rulename = '_RETURN'
    JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class AND c.relkind = 'v'
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
), r AS (
    SELECT f.oid, f.conname, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM t
    JOIN pg_catalog.pg_constraint AS f ON f.confrelid = t.oid AND f.contype = 'f' AND f.conrelid <> t.oid
    JOIN pg_catalog.pg_class AS c ON c.oid = f.conrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
)
SELECT v.phase::pg_catalog.text AS phase, v.step::pg_catalog.int4 AS step, v.sql::pg_catalog.text AS sql
FROM t CROSS JOIN LATERAL (
    SELECT 'prepare' AS phase, 1 AS step, pg_catalog.format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED '
               'INCLUDING IDENTITY INCLUDING STORAGE INCLUDING COMMENTS) PARTITION BY RANGE (%I)', t.new, t.old, $2::pg_catalog.text) AS sql
    UNION ALL SELECT 'prepare', 2, pg_catalog.format('ALTER TABLE %s OWNER TO %I', t.new, pg_catalog.pg_get_userbyid(t.relowner))
    UNION ALL SELECT 'prepare', 3, pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT godwit_new_%s PRIMARY KEY (%s)', t.new, t.conindid, t.new_key)
    UNION ALL SELECT 'prepare', 4, CASE WHEN i.unique_name IS NULL
                  THEN pg_catalog.format('CREATE %sINDEX godwit_new_%s ON %s %s', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, i.indexrelid, t.new, i.rest)
                  ELSE pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT godwit_new_%s %s', t.new, i.indexrelid, i.unique_def) END FROM i
    UNION ALL SELECT DISTINCT 'capture', -1, pg_catalog.format('LOCK TABLE ONLY %I.%I IN SHARE ROW EXCLUSIVE MODE', n.nspname, c.relname)
              FROM pg_catalog.pg_constraint AS f JOIN pg_catalog.pg_class AS c ON c.oid = f.confrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              WHERE f.conrelid = t.oid AND f.contype = 'f' AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
    UNION ALL SELECT 'capture', 0, pg_catalog.format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', t.old)
    UNION ALL SELECT 'capture', 1, pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s', t.new, f.conname, pg_catalog.pg_get_constraintdef(f.oid))
              FROM pg_catalog.pg_constraint AS f WHERE f.conrelid = t.oid AND f.contype = 'f'
    UNION ALL SELECT 'prepare', 5, pg_catalog.format('CREATE TABLE %I.%I PARTITION OF %s DEFAULT; ALTER TABLE %I.%I OWNER TO %I', t.nspname, $4::pg_catalog.text, t.new,
                                                     t.nspname, $4::pg_catalog.text, pg_catalog.pg_get_userbyid(t.relowner))
    UNION ALL SELECT 'capture', 2, pg_catalog.format(
        'CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS %L', t.capture, pg_catalog.format(
        'BEGIN IF TG_OP = ''TRUNCATE'' THEN TRUNCATE %1$s; RETURN NULL; END IF; '
        'IF TG_OP <> ''INSERT'' THEN DELETE FROM %1$s WHERE (%2$s) = (%3$s); END IF; '
        'IF TG_OP <> ''DELETE'' THEN INSERT INTO %1$s (%4$s) OVERRIDING SYSTEM VALUE VALUES (%5$s); END IF; RETURN NULL; END',
        t.new, t.key, t.old_values, t.columns, t.new_values))
    UNION ALL SELECT 'capture', 3, pg_catalog.format('ALTER FUNCTION %s() OWNER TO %I', t.capture, pg_catalog.pg_get_userbyid(t.relowner))
    UNION ALL SELECT 'capture', 4, pg_catalog.format('CREATE TRIGGER godwit_capture AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION %s()', t.old, t.capture)
    UNION ALL SELECT 'capture', 4, pg_catalog.format('CREATE TRIGGER godwit_capture_all AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s()', t.old, t.capture)
    UNION ALL SELECT 'capture', 5, pg_catalog.format('ALTER TABLE %1$s ENABLE ALWAYS TRIGGER godwit_capture, ENABLE ALWAYS TRIGGER godwit_capture_all', t.old)
    UNION ALL SELECT 'swap', -3, pg_catalog.format('ALTER VIEW %s OWNER TO %I', w.name, pg_catalog.pg_get_userbyid(w.relowner)) FROM w
    UNION ALL SELECT DISTINCT 'swap', -2, pg_catalog.format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', r.name) FROM r
    UNION ALL SELECT 'swap', -1, pg_catalog.format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', t.old)
    UNION ALL SELECT 'swap', 0, pg_catalog.format('ALTER SEQUENCE %I.%I OWNED BY %s.%I', s.nspname, s.relname, t.new, s.attname) FROM s WHERE s.deptype = 'a'
    UNION ALL SELECT 'swap', 2, pg_catalog.format('DROP TRIGGER godwit_capture ON %s; DROP TRIGGER godwit_capture_all ON %s; DROP FUNCTION %s()', t.old, t.old, t.capture)
    UNION ALL SELECT 'swap', 3, pg_catalog.format('SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(%L, %L), q.last_value, q.is_called) FROM %I.%I AS q',
                                                  t.new, s.attname, s.nspname, s.relname) FROM s WHERE s.deptype = 'i'
    UNION ALL SELECT 'swap', 4, pg_catalog.format('ALTER INDEX %I.%I RENAME TO godwit_old_%s', t.nspname, x.relname, x.oid)
              FROM pg_catalog.pg_index AS y JOIN pg_catalog.pg_class AS x ON x.oid = y.indexrelid WHERE y.indrelid = t.oid
    UNION ALL SELECT 'swap', 5, pg_catalog.format('ALTER TABLE %s RENAME TO %I', t.old, $5::pg_catalog.text)
    UNION ALL SELECT 'swap', 6, pg_catalog.format('ALTER TABLE %s RENAME TO %I', t.new, t.relname)
    UNION ALL SELECT 'swap', 7, pg_catalog.format('ALTER INDEX %I.godwit_new_%s RENAME TO %I', t.nspname, t.conindid, t.conname)
    UNION ALL SELECT 'swap', 7, pg_catalog.format('ALTER INDEX %I.godwit_new_%s RENAME TO %I', t.nspname, i.indexrelid, i.relname) FROM i
    UNION ALL SELECT 'swap', 7, pg_catalog.format('COMMENT ON INDEX %I.%I IS %L', t.nspname, x.relname, d.description)
              FROM pg_catalog.pg_index AS y JOIN pg_catalog.pg_class AS x ON x.oid = y.indexrelid
              JOIN pg_catalog.pg_description AS d ON d.objoid = x.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
              WHERE y.indrelid = t.oid
    UNION ALL SELECT 'swap', 9, pg_catalog.format('REVOKE ALL ON %s FROM %I', t.old, pg_catalog.pg_get_userbyid(t.relowner)) WHERE t.relacl IS NOT NULL
    UNION ALL SELECT 'swap', 10, pg_catalog.format('GRANT %s ON %s TO %s%s', x.privilege_type, t.old,
                  CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END,
                  CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
              FROM pg_catalog.aclexplode(t.relacl) AS x
    UNION ALL SELECT 'swap', 11, pg_catalog.format('COMMENT ON TABLE %s IS %L', t.old, d.description) FROM pg_catalog.pg_description AS d
              WHERE d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
    UNION ALL SELECT 'swap', 12, pg_catalog.pg_get_triggerdef(g.oid) FROM pg_catalog.pg_trigger AS g
              WHERE g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgname !~ '^godwit_capture'
    UNION ALL SELECT 'swap', 13, pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.old) FROM pg_catalog.pg_class AS c WHERE c.oid = t.oid AND c.relrowsecurity
    UNION ALL SELECT 'swap', 13, pg_catalog.format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t.old) FROM pg_catalog.pg_class AS c WHERE c.oid = t.oid AND c.relforcerowsecurity
    UNION ALL SELECT 'swap', 14, pg_catalog.format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, t.old,
                  CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                  CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                  (SELECT pg_catalog.string_agg(CASE x.role WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.role)) END, ', ')
                   FROM pg_catalog.unnest(p.polroles) AS x (role)),
                  ' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')')
              FROM pg_catalog.pg_policy AS p WHERE p.polrelid = t.oid
    UNION ALL SELECT 'swap', 15, pg_catalog.format('COMMENT ON POLICY %I ON %s IS %L', p.polname, t.old, d.description)
              FROM pg_catalog.pg_policy AS p
              JOIN pg_catalog.pg_description AS d ON d.objoid = p.oid AND d.classoid = 'pg_catalog.pg_policy'::pg_catalog.regclass
              WHERE p.polrelid = t.oid
    UNION ALL SELECT 'swap', 16, pg_catalog.format('CREATE OR REPLACE VIEW %s%s AS %s', w.name, w.options, pg_catalog.pg_get_viewdef(w.oid)) FROM w
    UNION ALL SELECT 'swap', 17, pg_catalog.format('ALTER PUBLICATION %I DROP TABLE ONLY %s; ALTER PUBLICATION %I ADD TABLE %s', p.pubname, t.aside, p.pubname, t.old)
              FROM pg_catalog.pg_publication_rel AS x JOIN pg_catalog.pg_publication AS p ON p.oid = x.prpubid WHERE x.prrelid = t.oid
    UNION ALL SELECT 'swap', 18, pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I; ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID; COMMENT ON CONSTRAINT %I ON %s IS %L', r.name, r.conname,
                  r.name, r.conname, pg_catalog.pg_get_constraintdef(r.oid), r.conname, r.name,
                  coalesce(pg_catalog.obj_description(r.oid, 'pg_constraint'), '') || '[godwit: to be validated]') FROM r
    UNION ALL SELECT 'columns', 0, t.columns
    UNION ALL SELECT kind.name, x.place::pg_catalog.int4, CASE kind.name WHEN 'key' THEN pg_catalog.quote_ident(a.attname)
                                                                   ELSE pg_catalog.format_type(a.atttypid, a.atttypmod) END
              FROM pg_catalog.pg_constraint AS p
              CROSS JOIN pg_catalog.unnest(p.conkey) WITH ORDINALITY AS x (number, place)
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = x.number
              CROSS JOIN (VALUES ('key'), ('type')) AS kind (name)
              WHERE p.conrelid = t.oid AND p.contype = 'p'
) AS v
ORDER BY 1, 2, 3;
