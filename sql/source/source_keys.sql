-- Primary key and unique indexes over plain columns, valid, not partial: what no two rows have in common.
-- params: bigint
-- columns: name text!, primary_key boolean!, deferrable boolean!, nulls_equal boolean!, columns text!
SELECT x.relname::text AS name, i.indisprimary AS primary_key, NOT i.indimmediate AS deferrable,
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_equal,
       (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY k.place)::text
        FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k(number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
        WHERE k.place <= i.indnkeyatts) AS columns
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
WHERE i.indrelid = $1::bigint::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indisprimary DESC, i.indnkeyatts, x.relname COLLATE "C";
