-- A stream that is new; no row where the name is taken by one that has begun.
-- params: text, text, boolean, text
-- columns: id bigint!
INSERT INTO godwit.tracker_sources AS s (tracker, name, named, digest) VALUES ($1, $2, $3, $4)
ON CONFLICT (tracker, name) DO UPDATE SET named = excluded.named WHERE s.position = 0
RETURNING s.id
