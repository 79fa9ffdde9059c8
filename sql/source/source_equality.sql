-- The operator that a type's own ordering or hashing calls equality; a domain by what is below it, an array and others by
-- PostgreSQL's own.
-- params: bigint[]
-- columns: schema text!, name text!
SELECT coalesce(o.schema, 'pg_catalog') AS schema, coalesce(o.name, '=') AS name
FROM unnest($1::pg_catalog.int8[]) WITH ORDINALITY w (type, number)
LEFT JOIN LATERAL (
    SELECT n.nspname::pg_catalog.text AS schema, p.oprname::pg_catalog.text AS name
    FROM pg_catalog.pg_opclass c
    JOIN pg_catalog.pg_am m ON m.oid = c.opcmethod AND m.amname IN ('btree', 'hash')
    JOIN pg_catalog.pg_amop a ON a.amopfamily = c.opcfamily AND a.amoplefttype = c.opcintype
                             AND a.amoprighttype = c.opcintype
                             AND a.amopstrategy = CASE m.amname WHEN 'btree' THEN 3 ELSE 1 END
    JOIN pg_catalog.pg_operator p ON p.oid = a.amopopr
    JOIN pg_catalog.pg_namespace n ON n.oid = p.oprnamespace
    WHERE c.opcdefault AND c.opcintype = w.type::pg_catalog.oid
    ORDER BY m.amname
    LIMIT 1) o ON true
ORDER BY w.number;
