-- What has the name of one of Godwit's tables in schema godwit: what it is, whose, and which of Godwit's columns it
-- lacks. is_ours: a table with all of them.
-- params: none
-- columns: name text!, what text!, owner text!, lacks text, is_ours boolean!
WITH ours(name, cols) AS (VALUES
    ('control', ARRAY['version', 'upgraded_at', 'upgraded_by']),
    ('migrations', ARRAY['tenant', 'service', 'version', 'sort_key', 'name', 'kind', 'checksum', 'state',
                         'statements_done', 'statements_total', 'intent', 'transactional', 'applied_at', 'run_id']),
    ('events', ARRAY['at', 'run_id', 'action', 'outcome', 'tenant', 'service', 'actor', 'godwit_version']),
    ('run_lock', ARRAY['name', 'token', 'mode', 'backend_pid', 'actor', 'host', 'command', 'acquired_at', 'expires_at']))
SELECT n.name, n.what, n.owner, n.lacks, n.kind = 'r' AND n.lacks IS NULL AS is_ours
FROM (
    SELECT o.name, c.relkind::text AS kind, pg_get_userbyid(c.relowner)::text AS owner,
           CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' WHEN 'S' THEN 'sequence'
                WHEN 'i' THEN 'index' WHEN 'I' THEN 'partitioned index' WHEN 'c' THEN 'composite type'
                ELSE 'relation' END AS what,
           (SELECT string_agg(col, ', ' ORDER BY place)
            FROM unnest(o.cols) WITH ORDINALITY AS w(col, place)
            WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')
              AND NOT EXISTS (SELECT FROM pg_attribute AS a
                              WHERE a.attrelid = c.oid AND a.attname = col AND NOT a.attisdropped)) AS lacks
    FROM ours AS o JOIN pg_class AS c ON c.relname = o.name
    WHERE c.relnamespace = to_regnamespace('godwit')
    UNION ALL
    SELECT o.name, 't', pg_get_userbyid(t.typowner)::text, CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, NULL
    FROM ours AS o JOIN pg_type AS t ON t.typname = o.name
    WHERE t.typnamespace = to_regnamespace('godwit') AND t.typrelid = 0) AS n
ORDER BY is_ours, n.name;
