-- Everything that schema public holds, one line an object, in an order that does not depend on
-- when it was made. Columns come in the order of their tables. pg_dump cannot stand in for this:
-- it refuses a server newer than itself.
WITH relations AS (
    SELECT c.oid, c.relname, c.relkind
      FROM pg_catalog.pg_class AS c
     WHERE c.relnamespace = 'public'::regnamespace
       AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'i')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
SELECT line
  FROM (
    SELECT format('relation %s %s', relname, relkind) AS line, relname AS sort, 0 AS n FROM relations
    UNION ALL
    SELECT format('column %s.%s %s null:%s identity:%s default:%s', r.relname, a.attname,
                  format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.attidentity,
                  pg_get_expr(d.adbin, d.adrelid)),
           r.relname, a.attnum
      FROM relations AS r
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = r.oid AND d.adnum = a.attnum
     WHERE r.relkind IN ('r', 'p', 'v', 'm')
    UNION ALL
    SELECT format('constraint %s.%s %s valid:%s', r.relname, c.conname,
                  pg_get_constraintdef(c.oid), c.convalidated), r.relname, 10000
      FROM relations AS r JOIN pg_catalog.pg_constraint AS c ON c.conrelid = r.oid
    UNION ALL
    SELECT format('index %s valid:%s', pg_get_indexdef(i.indexrelid), i.indisvalid), r.relname, 20000
      FROM relations AS r JOIN pg_catalog.pg_index AS i ON i.indrelid = r.oid
    UNION ALL
    SELECT format('trigger %s', pg_get_triggerdef(t.oid)), r.relname, 30000
      FROM relations AS r JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid
     WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('view %s %s', r.relname, pg_get_viewdef(r.oid)), r.relname, 40000
      FROM relations AS r WHERE r.relkind = 'v'
    UNION ALL
    SELECT format('sequence %s owned by %s.%s', r.relname, d.refobjid::regclass, a.attname),
           r.relname, 50000
      FROM relations AS r
      JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid
                                    AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     WHERE r.relkind = 'S'
    UNION ALL
    SELECT format('function %s', pg_get_functiondef(p.oid)), p.proname, 60000
      FROM pg_catalog.pg_proc AS p
     WHERE p.pronamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT format('enum %s %s', t.typname, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)),
           t.typname, 70000
      FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_enum AS e ON e.enumtypid = t.oid
     WHERE t.typnamespace = 'public'::regnamespace
     GROUP BY t.typname
  ) AS objects
 ORDER BY sort, n, line
