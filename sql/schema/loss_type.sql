-- A type by number as it is written in full.
-- params: bigint, bigint
-- columns: name text!
SELECT pg_catalog.format_type($1::pg_catalog.int8::pg_catalog.oid, $2::pg_catalog.int8::pg_catalog.int4) AS name;
