-- A stream is counted up to here; no row where somebody else has counted it further.
-- params: bigint, bigint, bigint, bigint, text
-- columns: none
UPDATE godwit.tracker_sources
SET position = $3, lines = $4, digest = $5, last_updated = pg_catalog.clock_timestamp()
WHERE id = $1 AND position = $2
