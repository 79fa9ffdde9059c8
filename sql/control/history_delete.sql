-- Forget a migration: inside the transaction of its down.
-- params: text, text, text
-- columns: none
DELETE FROM godwit.migrations
WHERE tenant OPERATOR(pg_catalog.=) $1 AND service OPERATOR(pg_catalog.=) $2
  AND version OPERATOR(pg_catalog.=) $3;
