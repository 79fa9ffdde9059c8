-- Tables of some size whose planner's figures are missing, or older than half of their rows.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity,
       pg_catalog.format('%I.%I', s.schemaname, s.relname) AS object,
       pg_catalog.format('%s of about %s rows have changed; %s', s.n_mod_since_analyze, s.n_live_tup,
                         coalesce('analyzed last ' || pg_catalog.to_char(greatest(s.last_analyze, s.last_autoanalyze),
                                                                         'YYYY-MM-DD HH24:MI'), 'never analyzed')) AS evidence,
       pg_catalog.format('ANALYZE %I.%I', s.schemaname, s.relname) AS sql
FROM pg_catalog.pg_stat_user_tables AS s
WHERE s.n_mod_since_analyze >= greatest(10000, s.n_live_tup / 2)
ORDER BY s.n_mod_since_analyze DESC;
