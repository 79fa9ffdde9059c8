-- How rows of a DEFAULT partition ($2) of a table ($1) are copied, in parts, into one that is made for them beside it ($3, of the table's schema; from $4 to $5): what makes it
-- and captures changes, the key and its types. Without a primary key there is nothing.
-- params: oid, oid, text, text, text
-- columns: phase text!, step integer!, sql text!
WITH t AS (
    SELECT c.oid, c.relowner, n.nspname, d.oid AS rest_oid, k.conkey, pg_catalog.quote_ident(a.attname) AS by,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, pg_catalog.format('%I.%I', dn.nspname, d.relname) AS rest,
           pg_catalog.format('%I.%I', n.nspname, $3::pg_catalog.text) AS part,
           pg_catalog.format('%I.%I', n.nspname, 'godwit_drain_' || d.oid::pg_catalog.text) AS capture,
           pg_catalog.format('%%1$s >= %L AND %%1$s < %L', $4::pg_catalog.text, $5::pg_catalog.text) AS range,
           (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(y.attname), ', ' ORDER BY y.attnum) FROM pg_catalog.pg_attribute AS y
            WHERE y.attrelid = c.oid AND y.attnum > 0 AND NOT y.attisdropped AND y.attgenerated = '') AS columns,
           (SELECT pg_catalog.string_agg('NEW.' || pg_catalog.quote_ident(y.attname), ', ' ORDER BY y.attnum) FROM pg_catalog.pg_attribute AS y
            WHERE y.attrelid = c.oid AND y.attnum > 0 AND NOT y.attisdropped AND y.attgenerated = '') AS new_values,
           (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(y.attname), ', ' ORDER BY x.place)
            FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS x (number, place) JOIN pg_catalog.pg_attribute AS y ON y.attrelid = c.oid AND y.attnum = x.number) AS key,
           (SELECT pg_catalog.string_agg('OLD.' || pg_catalog.quote_ident(y.attname), ', ' ORDER BY x.place)
            FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS x (number, place) JOIN pg_catalog.pg_attribute AS y ON y.attrelid = c.oid AND y.attnum = x.number) AS old_key
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = c.oid
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
    JOIN pg_catalog.pg_class AS d ON d.oid = $2 AND d.relkind = 'r'
    JOIN pg_catalog.pg_namespace AS dn ON dn.oid = d.relnamespace
    JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
    WHERE c.oid = $1
)
SELECT v.phase::pg_catalog.text AS phase, v.step::pg_catalog.int4 AS step, v.sql::pg_catalog.text AS sql
FROM t CROSS JOIN LATERAL (
    SELECT DISTINCT 'begin' AS phase, -1 AS step, pg_catalog.format('LOCK TABLE ONLY %I.%I IN SHARE ROW EXCLUSIVE MODE', n.nspname, c.relname) AS sql
    FROM pg_catalog.pg_constraint AS f JOIN pg_catalog.pg_class AS c ON c.oid = f.confrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE f.conrelid = t.oid AND f.contype = 'f' AND f.confrelid <> t.oid AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
    UNION ALL SELECT 'begin', 0, pg_catalog.format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', t.rest)
    UNION ALL SELECT 'begin', 1, pg_catalog.format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE '
                                                   'INCLUDING COMMENTS INCLUDING INDEXES)', t.part, t.name)
    UNION ALL SELECT 'begin', 2, pg_catalog.format('ALTER TABLE %s OWNER TO %I', t.part, pg_catalog.pg_get_userbyid(t.relowner))
    UNION ALL SELECT 'begin', 3, pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT godwit_range CHECK (%s IS NOT NULL AND %s)', t.part, t.by, pg_catalog.format(t.range, t.by))
    UNION ALL SELECT 'begin', 4, pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s', t.part, f.conname, pg_catalog.pg_get_constraintdef(f.oid))
              FROM pg_catalog.pg_constraint AS f WHERE f.conrelid = t.oid AND f.contype = 'f' AND f.confrelid <> t.oid
    UNION ALL SELECT 'begin', 5, pg_catalog.format(
        'CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS %L', t.capture, pg_catalog.format(
        'BEGIN IF TG_OP = ''TRUNCATE'' THEN TRUNCATE %1$s; RETURN NULL; END IF; '
        'IF TG_OP <> ''INSERT'' THEN IF %2$s THEN DELETE FROM %1$s WHERE (%3$s) = (%4$s); END IF; END IF; '
        'IF TG_OP <> ''DELETE'' THEN IF %5$s THEN INSERT INTO %1$s (%6$s) VALUES (%7$s); END IF; END IF; RETURN NULL; END',
        t.part, pg_catalog.format(t.range, 'OLD.' || t.by), t.key, t.old_key, pg_catalog.format(t.range, 'NEW.' || t.by), t.columns, t.new_values))
    UNION ALL SELECT 'begin', 6, pg_catalog.format('ALTER FUNCTION %s() OWNER TO %I', t.capture, pg_catalog.pg_get_userbyid(t.relowner))
    UNION ALL SELECT 'begin', 7, pg_catalog.format('CREATE TRIGGER godwit_drain AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION %s()', t.rest, t.capture)
    UNION ALL SELECT 'begin', 7, pg_catalog.format('CREATE TRIGGER godwit_drain_all AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s()', t.rest, t.capture)
    UNION ALL SELECT 'begin', 8, pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER godwit_drain, ENABLE ALWAYS TRIGGER godwit_drain_all', t.rest)
    UNION ALL SELECT 'columns', 0, t.columns
    UNION ALL SELECT 'which', 0, pg_catalog.format(t.range, t.by)
    UNION ALL SELECT kind.name, x.place::pg_catalog.int4, CASE kind.name WHEN 'key' THEN pg_catalog.quote_ident(a.attname) ELSE pg_catalog.format_type(a.atttypid, a.atttypmod) END
              FROM pg_catalog.unnest(t.conkey) WITH ORDINALITY AS x (number, place)
              JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = x.number
              CROSS JOIN (VALUES ('key'), ('type')) AS kind (name)
) AS v
ORDER BY 1, 2, 3;
