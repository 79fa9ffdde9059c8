-- A column that refers to another table's key: does the server itself hold it to that key, here and now; can values of the two be
-- compared as they are, and by which collation. Tables are given as they are quoted.
-- params: text, text, text, text
-- columns: held boolean!, comparable boolean!, collation text
WITH RECURSIVE base AS (
    SELECT v.refers, a.attrelid, a.attnum, a.atttypid AS type, a.attcollation
    FROM (VALUES (true, $1::pg_catalog.text, $2::pg_catalog.text),
                 (false, $3::pg_catalog.text, $4::pg_catalog.text)) v (refers, relation, name)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = v.relation::pg_catalog.regclass AND a.attname = v.name
    UNION ALL
    SELECT b.refers, b.attrelid, b.attnum, t.typbasetype, b.attcollation
    FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype = 'd'),
side AS (
    SELECT b.* FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd')
SELECT pg_catalog.current_setting('session_replication_role') <> 'replica' AND EXISTS (
           SELECT FROM pg_catalog.pg_constraint c
           WHERE c.contype = 'f' AND c.conrelid = r.attrelid AND c.confrelid = k.attrelid AND c.conkey = ARRAY[r.attnum]
             AND c.confkey = ARRAY[k.attnum]
             AND coalesce((pg_catalog.to_jsonb(c) ->> 'conenforced')::pg_catalog.bool, true)) AS held,
       r.type = k.type
           OR (r.type = ANY (n.numbers) AND k.type = ANY (n.numbers))
           OR (r.type = ANY (n.texts) AND k.type = ANY (n.texts))
           OR EXISTS (SELECT FROM pg_catalog.pg_amop o
                      JOIN pg_catalog.pg_am m ON m.oid = o.amopmethod AND m.amname = 'btree'
                      WHERE o.amoplefttype = k.type AND o.amoprighttype = r.type AND o.amopstrategy = 3) AS comparable,
       (SELECT pg_catalog.format('%I.%I', s.nspname, c.collname)
        FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace s ON s.oid = c.collnamespace
        WHERE c.oid = k.attcollation) AS collation
FROM side r
JOIN side k ON r.refers AND NOT k.refers
CROSS JOIN (SELECT ARRAY['int2', 'int4', 'int8', 'numeric', 'float4', 'float8']::pg_catalog.regtype[]::pg_catalog.oid[] AS numbers,
                   ARRAY['text', 'varchar', 'bpchar']::pg_catalog.regtype[]::pg_catalog.oid[] AS texts) n
