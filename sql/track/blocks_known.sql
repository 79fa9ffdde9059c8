-- Of blocks [[chain, number, hash, parent]]: those that were counted before, those that replace another one, those whose
--   parent had been replaced.
-- params: text, jsonb
-- columns: place bigint!, seen boolean!, turns boolean!
SELECT b.place,
       EXISTS (SELECT FROM godwit.tracker_blocks k WHERE k.tracker = $1 AND k.chain = b.j ->> 0
               AND k.number = (b.j ->> 1)::pg_catalog.int8 AND k.hash = b.j ->> 2) AS seen,
       EXISTS (SELECT FROM godwit.tracker_blocks k WHERE k.tracker = $1 AND k.chain = b.j ->> 0
               AND k.number = (b.j ->> 1)::pg_catalog.int8 AND k.live)
       OR EXISTS (SELECT FROM godwit.tracker_blocks k WHERE k.tracker = $1 AND k.chain = b.j ->> 0
                  AND k.number = (b.j ->> 1)::pg_catalog.int8 - 1 AND k.hash = b.j ->> 3 AND NOT k.live) AS turns
FROM pg_catalog.jsonb_array_elements($2) WITH ORDINALITY b (j, place)
ORDER BY b.place
