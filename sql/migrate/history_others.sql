-- The history of one tenant ($1) but for one migration ($2, $3), as a count and a digest: is it what it was?
-- params: text, text, text
-- columns: rows bigint, digest text
SELECT pg_catalog.count(*) AS rows,
       pg_catalog.md5(COALESCE(pg_catalog.string_agg(m::pg_catalog.text, ' ' ORDER BY m.service, m.version), '')) AS digest
FROM godwit.migrations m
WHERE m.tenant OPERATOR(pg_catalog.=) $1
  AND NOT (m.service OPERATOR(pg_catalog.=) $2 AND m.version OPERATOR(pg_catalog.=) $3);
