-- Steps of stages that blocks speak of: [[chain, number, hash, place, stage, step]].
-- params: text, jsonb
-- columns: none
INSERT INTO godwit.tracker_steps (tracker, chain, number, hash, place, stage_name, step)
SELECT $1, b.j ->> 0, (b.j ->> 1)::pg_catalog.int8, b.j ->> 2, (b.j ->> 3)::pg_catalog.int4, b.j ->> 4, b.j ->> 5
FROM pg_catalog.jsonb_array_elements($2) b (j)
