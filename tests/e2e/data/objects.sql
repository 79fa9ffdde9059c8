-- Everything that schema public holds, one line an object, in an order that does not depend on when it was
-- made: what a migration's way back has to restore. Columns come in the order of their tables; privileges are
-- written out where the catalog keeps none.
WITH relations AS (
    SELECT c.*
      FROM pg_catalog.pg_class AS c
     WHERE c.relnamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
SELECT line FROM (
    SELECT format('relation %s %s rls:%s,%s options:%s bound:%s', relname, relkind, relrowsecurity,
                  relforcerowsecurity, reloptions, pg_get_expr(relpartbound, oid)) AS line,
           relname::text AS sort, 0 AS n
      FROM relations
    UNION ALL
    SELECT format('privileges %s %s', r.relname, string_agg(p.line, ' ' ORDER BY p.line)), r.relname, 1
      FROM relations AS r,
           LATERAL (SELECT format('%s:%s', CASE a.grantee WHEN 0 THEN 'public' ELSE a.grantee::regrole::text END,
                                  a.privilege_type) AS line
                      FROM aclexplode(coalesce(r.relacl, acldefault('r', r.relowner))) AS a
                    UNION ALL
                    SELECT format('%s:%s(%s)', a.grantee::regrole, a.privilege_type, c.attname)
                      FROM pg_catalog.pg_attribute AS c, aclexplode(c.attacl) AS a
                     WHERE c.attrelid = r.oid) AS p
     WHERE r.relkind IN ('r', 'p', 'v')
     GROUP BY r.relname
    UNION ALL
    SELECT format('column %s.%s %s null:%s default:%s', r.relname, a.attname,
                  format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid)),
           r.relname, a.attnum
      FROM relations AS r
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = r.oid AND d.adnum = a.attnum
     WHERE r.relkind IN ('r', 'p', 'v')
    UNION ALL
    SELECT format('constraint %s.%s %s valid:%s', r.relname, c.conname, pg_get_constraintdef(c.oid), c.convalidated),
           r.relname, 10000
      FROM relations AS r JOIN pg_catalog.pg_constraint AS c ON c.conrelid = r.oid
    UNION ALL
    SELECT format('index %s valid:%s', pg_get_indexdef(i.indexrelid), i.indisvalid), r.relname, 20000
      FROM relations AS r JOIN pg_catalog.pg_index AS i ON i.indrelid = r.oid
    UNION ALL
    SELECT format('trigger %s enabled:%s', pg_get_triggerdef(t.oid), t.tgenabled), r.relname, 30000
      FROM relations AS r JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid
     WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('policy %s.%s %s %s using:%s check:%s', r.relname, p.polname, p.polcmd, p.polroles::regrole[],
                  pg_get_expr(p.polqual, r.oid), pg_get_expr(p.polwithcheck, r.oid)), r.relname, 40000
      FROM relations AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
    UNION ALL
    SELECT format('statistics %s', pg_get_statisticsobjdef(s.oid)), s.stxname::text, 50000
      FROM pg_catalog.pg_statistic_ext AS s
    UNION ALL
    SELECT format('function %s privileges:%s', pg_get_functiondef(p.oid),
                  coalesce(p.proacl, acldefault('f', p.proowner))), p.proname::text, 60000
      FROM pg_catalog.pg_proc AS p
     WHERE p.pronamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT format('extension %s', extname), extname::text, 70000 FROM pg_catalog.pg_extension
) AS objects
 ORDER BY sort, n, line
