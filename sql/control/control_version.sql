-- Version of Godwit's own tables, and which of them hide rows from this role by row-level security (NULL: none
-- does). Fails with 42P01 or 3F000 where there are none.
-- params: none
-- columns: version integer!, hidden text
SELECT COALESCE(c.version, 0) AS version, h.hidden
  FROM (SELECT pg_catalog.string_agg(t.name, ', ') AS hidden
          FROM pg_catalog.unnest(ARRAY['control', 'events', 'migrations', 'run_lock']) AS t(name)
         WHERE pg_catalog.row_security_active(
                   pg_catalog.to_regclass(pg_catalog.concat('godwit.', t.name))::pg_catalog.oid)) AS h
  LEFT JOIN godwit.control AS c ON true
 WHERE c.version IS NOT NULL OR h.hidden IS NOT NULL;
