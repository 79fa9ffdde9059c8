-- The columns of a table, and which table that is, in a form that is another one where one of them is. NULL: there is none of that name.
-- params: text
-- columns: columns text
SELECT pg_catalog.concat_ws(' ', pg_catalog.to_regclass($1::pg_catalog.text)::pg_catalog.oid,
                            pg_catalog.string_agg(pg_catalog.concat_ws(' ', pg_catalog.quote_ident(a.attname), a.atttypid, a.atttypmod,
                                                                       a.attcollation), ', ' ORDER BY a.attnum)) AS columns
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = pg_catalog.to_regclass($1::pg_catalog.text) AND a.attnum > 0 AND NOT a.attisdropped
