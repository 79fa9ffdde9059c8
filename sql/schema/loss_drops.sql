-- What goes with the things that are dropped ($1: a JSON list of objects; class: relation, type, schema,
-- extension, collation, owned), except for what was moved or altered out of the way first ($2: likewise,
-- oid and sub): tables with rows of their own, columns, defaults. number: whose doing it is.
-- params: jsonb, jsonb
-- columns: number integer!, what text!, oid oid!, sub integer!, schema text!, name text!, kind text!,
--   column_name text
WITH RECURSIVE starts AS (
    SELECT s.*
    FROM pg_catalog.jsonb_to_recordset($1::pg_catalog.jsonb)
        AS s (number pg_catalog.int4, class pg_catalog.text, oid pg_catalog.int8, sub pg_catalog.int4,
              name pg_catalog.text, cascade pg_catalog.bool)
), kept AS (
    SELECT k.oid::pg_catalog.oid AS oid, k.sub
    FROM pg_catalog.jsonb_to_recordset($2::pg_catalog.jsonb)
        AS k (oid pg_catalog.int8, sub pg_catalog.int4)
), begun AS (
    SELECT s.number, 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AS classid,
           s.oid::pg_catalog.oid AS objid, s.sub AS objsubid, s.cascade
    FROM starts AS s WHERE s.class = 'relation'
    UNION ALL
    SELECT s.number, 'pg_catalog.pg_type'::pg_catalog.regclass, s.oid::pg_catalog.oid, 0, s.cascade
    FROM starts AS s WHERE s.class = 'type'
    UNION ALL
    SELECT s.number, 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid, 0, s.cascade
    FROM starts AS s
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.name::pg_catalog.name
    WHERE s.class = 'schema'
    UNION ALL
    SELECT s.number, 'pg_catalog.pg_extension'::pg_catalog.regclass, e.oid, 0, s.cascade
    FROM starts AS s
    JOIN pg_catalog.pg_extension AS e ON e.extname = s.name::pg_catalog.name
    WHERE s.class = 'extension'
    UNION ALL
    SELECT s.number, 'pg_catalog.pg_collation'::pg_catalog.regclass, c.oid, 0, s.cascade
    FROM starts AS s
    JOIN pg_catalog.pg_collation AS c ON c.collname = s.name::pg_catalog.name AND c.oid >= 16384
    WHERE s.class = 'collation'
    UNION ALL
    SELECT s.number, d.classid, d.objid, d.objsubid, s.cascade
    FROM starts AS s
    JOIN pg_catalog.pg_roles AS o ON o.rolname = coalesce(s.name::pg_catalog.name, CURRENT_USER)
    JOIN pg_catalog.pg_shdepend AS d ON d.refobjid = o.oid
        AND d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND d.deptype = 'o'
    JOIN pg_catalog.pg_database AS b ON b.oid = d.dbid
        AND b.datname = pg_catalog.current_database()
    WHERE s.class = 'owned'
), reached AS (
    SELECT b.number, b.classid, b.objid, b.objsubid, b.cascade FROM begun AS b
    UNION
    SELECT r.number, x.classid, x.objid, x.objsubid, r.cascade
    FROM reached AS r
    CROSS JOIN LATERAL (
        SELECT d.classid, d.objid, d.objsubid
        FROM pg_catalog.pg_depend AS d
        WHERE d.refclassid = r.classid AND d.refobjid = r.objid
          AND (r.objsubid = 0 OR d.refobjsubid = r.objsubid)
          AND (r.cascade OR d.deptype <> 'n')
        UNION ALL
        -- A part of something (a view's rule, a table's row type) takes the whole along.
        SELECT d.refclassid, d.refobjid, d.refobjsubid
        FROM pg_catalog.pg_depend AS d
        WHERE d.classid = r.classid AND d.objid = r.objid AND r.objsubid = 0 AND d.deptype = 'i'
          AND r.classid IN ('pg_catalog.pg_rewrite'::pg_catalog.regclass,
                            'pg_catalog.pg_type'::pg_catalog.regclass)
    ) AS x
    WHERE NOT EXISTS (SELECT FROM kept AS k
                      WHERE x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        AND k.oid = x.objid AND k.sub = x.objsubid)
), gone AS (
    SELECT DISTINCT ON (r.objid, r.objsubid) r.number, r.objid, r.objsubid, c.relname, c.relkind,
           c.relispartition, c.relnamespace
    FROM reached AS r
    JOIN pg_catalog.pg_class AS c ON c.oid = r.objid AND c.relkind IN ('r', 'p')
    WHERE r.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    ORDER BY r.objid, r.objsubid, r.number
), defaults AS (
    SELECT DISTINCT ON (d.adrelid, d.adnum) r.number, d.adrelid, d.adnum
    FROM reached AS r
    JOIN pg_catalog.pg_attrdef AS d ON d.oid = r.objid
    WHERE r.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
    ORDER BY d.adrelid, d.adnum, r.number
), found AS (
    SELECT g.number, CASE WHEN g.objsubid = 0 THEN 'table' ELSE 'column' END AS what, g.objid AS oid,
           g.objsubid AS sub, g.relname, g.relkind, g.relnamespace, a.attname
    FROM gone AS g
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = g.objid AND a.attnum = g.objsubid
                                          AND g.objsubid > 0
    WHERE (g.objsubid = 0 OR NOT EXISTS (SELECT FROM gone AS t WHERE t.objid = g.objid AND t.objsubid = 0))
      AND coalesce(a.attgenerated, '') = ''
      -- A partition goes with the whole; its rows are counted there.
      AND NOT (g.relispartition AND EXISTS (
          SELECT FROM pg_catalog.pg_inherits AS i
          JOIN gone AS p ON p.objid = i.inhparent
          LEFT JOIN pg_catalog.pg_attribute AS pa ON pa.attrelid = p.objid AND pa.attnum = p.objsubid
          WHERE i.inhrelid = g.objid
            AND (p.objsubid = 0 OR (g.objsubid > 0 AND pa.attname = a.attname))))
    UNION ALL
    SELECT d.number, 'default', d.adrelid, d.adnum, c.relname, c.relkind, c.relnamespace, a.attname
    FROM defaults AS d
    JOIN pg_catalog.pg_class AS c ON c.oid = d.adrelid AND c.relkind IN ('r', 'p')
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                                     AND a.attgenerated = ''
    WHERE NOT EXISTS (SELECT FROM gone AS t WHERE t.objid = d.adrelid AND t.objsubid IN (0, d.adnum))
)
SELECT f.number, f.what::pg_catalog.text AS what, f.oid, f.sub::pg_catalog.int4 AS sub,
       n.nspname::pg_catalog.text AS schema, f.relname::pg_catalog.text AS name,
       f.relkind::pg_catalog.text AS kind, f.attname::pg_catalog.text AS column_name
FROM found AS f
JOIN pg_catalog.pg_namespace AS n ON n.oid = f.relnamespace
WHERE n.nspname !~ '^pg_(toast_)?temp_'
ORDER BY f.number, f.what DESC, n.nspname, f.relname, f.sub;
