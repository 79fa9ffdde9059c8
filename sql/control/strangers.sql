-- What has the name of one of Godwit's tables in schema godwit: what it is, whose, and which of Godwit's columns it
-- lacks, or has as another type. is_ours: a table with all of them.
-- params: none
-- columns: name text!, what text!, owner text!, lacks text, is_ours boolean!
WITH ours(name, cols) AS (VALUES
    ('control', ARRAY['version integer', 'upgraded_at timestamp with time zone', 'upgraded_by text']),
    ('migrations', ARRAY['tenant text', 'service text', 'version text', 'sort_key text', 'name text', 'kind text',
                         'checksum text', 'state text', 'statements_done integer', 'statements_total integer',
                         'intent jsonb', 'transactional boolean', 'applied_at timestamp with time zone', 'run_id text']),
    ('events', ARRAY['at timestamp with time zone', 'run_id text', 'action text', 'outcome text', 'tenant text',
                     'service text', 'actor text', 'godwit_version text']),
    ('run_lock', ARRAY['name text', 'token text', 'mode text', 'backend_pid integer', 'actor text', 'host text',
                       'command text', 'acquired_at timestamp with time zone', 'expires_at timestamp with time zone']))
SELECT n.name, n.what, n.owner, n.lacks, n.kind = 'r' AND n.lacks IS NULL AS is_ours
FROM (
    SELECT o.name, c.relkind::pg_catalog.text AS kind, pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text AS owner,
           CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' WHEN 'S' THEN 'sequence'
                WHEN 'i' THEN 'index' WHEN 'I' THEN 'partitioned index' WHEN 'c' THEN 'composite type'
                ELSE 'relation' END AS what,
           (SELECT pg_catalog.string_agg(CASE WHEN a.attname IS NULL THEN w.col ELSE w.col || ' as ' || w.type END, ', ' ORDER BY place)
            FROM (SELECT pg_catalog.split_part(col, ' ', 1), pg_catalog.substr(col, pg_catalog.strpos(col, ' ') + 1), place
                  FROM pg_catalog.unnest(o.cols) WITH ORDINALITY AS u(col, place)) AS w(col, type, place)
            LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = w.col AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')
              AND (a.attname IS NULL OR pg_catalog.format_type(a.atttypid, NULL) <> w.type)) AS lacks
    FROM ours AS o JOIN pg_catalog.pg_class AS c ON c.relname = o.name
    WHERE c.relnamespace = pg_catalog.to_regnamespace('godwit')
    UNION ALL
    SELECT o.name, 't', pg_catalog.pg_get_userbyid(t.typowner)::pg_catalog.text, CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, NULL
    FROM ours AS o JOIN pg_catalog.pg_type AS t ON t.typname = o.name
    WHERE t.typnamespace = pg_catalog.to_regnamespace('godwit') AND t.typrelid = 0) AS n
ORDER BY is_ours, n.name;
