-- Lines that could not be read: [[line, reason, text, digest]]; those that are known already are not counted.
-- params: text, text, jsonb
-- columns: none
INSERT INTO godwit.tracker_rejects (tracker, source, line, reason, text, digest)
SELECT $1, $2, (b.j ->> 0)::pg_catalog.int8, b.j ->> 1, b.j ->> 2, b.j ->> 3
FROM pg_catalog.jsonb_array_elements($3) b (j)
ON CONFLICT (tracker, source, line, digest) DO NOTHING
