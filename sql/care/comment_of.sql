-- The comment of a table; NULL: it has none.
-- params: oid
-- columns: comment text
SELECT pg_catalog.obj_description($1, 'pg_class') AS comment;
