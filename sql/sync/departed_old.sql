-- How many rows that are gone went before a time.
-- params: timestamptz
-- columns: rows bigint!
SELECT pg_catalog.count(*) AS rows FROM godwit.sync_departed d WHERE d.gone_at < $1
