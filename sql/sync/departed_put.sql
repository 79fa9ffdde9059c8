-- Rows that are gone in the source and stay in the destination, with their fingerprints there.
-- params: text, text[], bigint[]
-- columns: none
INSERT INTO godwit.sync_departed (entity_type, key, destination_hash)
SELECT $1::pg_catalog.text, d.key, d.print
FROM ROWS FROM (pg_catalog.unnest($2::pg_catalog.text[]), pg_catalog.unnest($3::pg_catalog.int8[])) AS d (key, print)
ON CONFLICT (entity_type, key) DO UPDATE SET destination_hash = EXCLUDED.destination_hash, gone_at = EXCLUDED.gone_at
