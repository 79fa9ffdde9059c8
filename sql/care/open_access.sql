-- Lines of pg_hba.conf that let somebody from another machine in without a password, or with one that can be read on
-- the way; and lines that are wrong.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT CASE WHEN h.auth_method = 'trust' THEN 'error' END AS severity,
       'pg_hba.conf line ' || h.line_number AS object,
       CASE WHEN h.error IS NOT NULL THEN 'is wrong: ' || h.error
            ELSE pg_catalog.format('%s %s %s: %s', h.type, coalesce(h.address, 'all'), coalesce(h.netmask, ''), h.auth_method)
            END AS evidence,
       NULL::pg_catalog.text AS sql
FROM pg_catalog.pg_hba_file_rules AS h
WHERE h.error IS NOT NULL
   OR (h.type LIKE 'host%' AND h.auth_method IN ('trust', 'password', 'md5') AND NOT (h.auth_method <> 'trust' AND h.type = 'hostssl')
       AND coalesce(h.address, '') NOT IN ('127.0.0.1', '::1', 'localhost', 'samehost'))
ORDER BY h.line_number;
