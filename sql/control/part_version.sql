-- How far the tables of a part are made, and which tables of schema godwit hide rows from this role by row-level
-- security (NULL: none does); fails with 42P01 or 3F000 where no part has been.
-- params: text
-- columns: version integer!, hidden text
SELECT COALESCE(pg_catalog.max(p.number), 0)::pg_catalog.int4 AS version,
       (SELECT pg_catalog.string_agg(c.relname::pg_catalog.text, ', ')
          FROM pg_catalog.pg_class AS c
         WHERE c.relnamespace OPERATOR(pg_catalog.=) 'godwit'::pg_catalog.regnamespace::pg_catalog.oid
           AND c.relrowsecurity AND pg_catalog.row_security_active(c.oid)) AS hidden
  FROM godwit.parts AS p
 WHERE p.part OPERATOR(pg_catalog.=) $1;
