-- The server listens to other machines without TLS, or sessions from there do without it.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, 'ssl' AS object,
       pg_catalog.format('is off, and the server listens to %s', pg_catalog.current_setting('listen_addresses')) AS evidence,
       'ALTER SYSTEM SET ssl = on; SELECT pg_reload_conf()' AS sql
WHERE pg_catalog.current_setting('ssl') = 'off'
  AND EXISTS (SELECT 1 FROM pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.current_setting('listen_addresses'), ',')) AS l (a)
              WHERE pg_catalog.btrim(l.a) NOT IN ('', 'localhost', '::1') AND pg_catalog.btrim(l.a) !~ '^127\.')
UNION ALL
SELECT NULL, 'pid ' || a.pid, pg_catalog.format('%s (%s) from %s does without TLS', a.usename,
                                                coalesce(nullif(a.application_name, ''), '?'), pg_catalog.host(a.client_addr)),
       NULL
FROM pg_catalog.pg_stat_activity AS a JOIN pg_catalog.pg_stat_ssl AS s ON s.pid = a.pid
WHERE NOT s.ssl AND a.client_addr IS NOT NULL AND NOT a.client_addr <<= '127.0.0.0/8' AND a.client_addr <> '::1'
  AND pg_catalog.current_setting('ssl') = 'on'
ORDER BY 2;
