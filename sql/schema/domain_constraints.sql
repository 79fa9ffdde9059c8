-- CHECK constraints of domains.
-- params: none
-- columns: oid oid!, parent oid!, name text!, definition text!, validated bool!
SELECT k.oid, k.contypid AS parent, k.conname::text AS name,
       pg_catalog.pg_get_constraintdef(k.oid) AS definition, k.convalidated AS validated
FROM pg_catalog.pg_constraint k
WHERE k.contype = 'c' AND k.contypid >= 16384
ORDER BY k.contypid, k.conname COLLATE "C";
