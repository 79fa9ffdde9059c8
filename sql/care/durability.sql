-- Settings with which a crash loses what was committed, or the whole cluster.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT CASE WHEN s.name = 'synchronous_commit' THEN 'note' END AS severity, s.name AS object,
       CASE s.name WHEN 'fsync' THEN 'is off: after a crash of the machine the cluster may be lost'
                   WHEN 'full_page_writes' THEN 'is off: a page half written at a crash stays broken'
                   WHEN 'zero_damaged_pages' THEN 'is on: broken pages are read as empty, without an error'
                   ELSE 'is off: a crash loses the last transactions that were told to be committed' END AS evidence,
       pg_catalog.format('ALTER SYSTEM SET %I = %s; SELECT pg_reload_conf()', s.name,
                         CASE s.name WHEN 'zero_damaged_pages' THEN 'off' ELSE 'on' END) AS sql
FROM pg_catalog.pg_settings AS s
WHERE (s.name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND s.setting = 'off')
   OR (s.name = 'zero_damaged_pages' AND s.setting = 'on')
ORDER BY s.name;
