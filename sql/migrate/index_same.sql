-- Is the index $1 what "godwit trial index" is, on another table of the same columns? Names, storage
-- parameters and the tablespace apart.
-- params: oid
-- columns: same boolean
SELECT pg_catalog.count(DISTINCT s.shape) OPERATOR(pg_catalog.=) 1
       AND pg_catalog.count(*) OPERATOR(pg_catalog.=) 2 AS same
FROM (
    SELECT pg_catalog.jsonb_build_array(
               c.relam, i.indisunique, pg_catalog.to_jsonb(i) OPERATOR(pg_catalog.->) 'indnullsnotdistinct',
               i.indnkeyatts, i.indclass::pg_catalog.text, i.indcollation::pg_catalog.text,
               i.indoption::pg_catalog.text, pg_catalog.pg_get_expr(i.indpred, i.indrelid),
               (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
                           pg_catalog.pg_get_indexdef(i.indexrelid, a.attnum::pg_catalog.int4, false), a.attoptions)
                       ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) i.indexrelid)
           )::pg_catalog.text AS shape
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
    WHERE i.indexrelid OPERATOR(pg_catalog.=) $1
       OR i.indexrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('pg_temp."godwit trial index"')::pg_catalog.oid
) AS s;
