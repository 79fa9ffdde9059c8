-- Columns of a relation in their order. leads: a valid index that is not partial begins with it.
-- params: bigint
-- columns: name text!, type_oid bigint!, typmod integer!, not_null boolean!, default_text text, identity text!,
--   generated text!, collation text, deterministic boolean!, may_select boolean!, leads boolean!
SELECT a.attname::text AS name, a.atttypid::bigint AS type_oid, a.atttypmod AS typmod, a.attnotnull AS not_null,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default_text, a.attidentity::text AS identity,
       a.attgenerated::text AS generated, l.collname::text AS collation, coalesce(l.collisdeterministic, true) AS deterministic,
       pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS may_select,
       EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND i.indisvalid AND i.indpred IS NULL
               AND i.indkey[0] = a.attnum) AS leads
FROM pg_catalog.pg_attribute a
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;
