-- Is a column of that type (or of a domain over it)? $1: the schema; NULL: where names are looked for, $6 or the
-- session's own search_path. $3: the column; NULL: the one at place $4, from 1.
-- params: text, text, text, bigint, text, text
-- columns: is_there boolean!
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
    JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
    LEFT JOIN pg_catalog.pg_type AS b ON b.oid OPERATOR(pg_catalog.=) t.typbasetype
    WHERE c.relname::pg_catalog.text OPERATOR(pg_catalog.=) $2::pg_catalog.text
      AND CASE WHEN $1::pg_catalog.text IS NOT NULL THEN n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) $1
               WHEN $6::pg_catalog.text IS NOT NULL
               THEN pg_catalog.strpos($6, n.nspname::pg_catalog.text) OPERATOR(pg_catalog.>) 0
               ELSE pg_catalog.pg_table_is_visible(c.oid) END
      AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
      AND CASE WHEN $3::pg_catalog.text IS NOT NULL THEN a.attname::pg_catalog.text OPERATOR(pg_catalog.=) $3
               ELSE (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute AS p
                     WHERE p.attrelid OPERATOR(pg_catalog.=) a.attrelid AND p.attnum OPERATOR(pg_catalog.>) 0
                       AND p.attnum OPERATOR(pg_catalog.<=) a.attnum AND NOT p.attisdropped)
                    OPERATOR(pg_catalog.=) $4::pg_catalog.int8 END
      AND (t.typname::pg_catalog.text OPERATOR(pg_catalog.=) $5::pg_catalog.text
           OR b.typname::pg_catalog.text OPERATOR(pg_catalog.=) $5)) AS is_there;
