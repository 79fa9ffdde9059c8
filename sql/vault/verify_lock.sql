-- A name of a database that is about to be made, locked for as long as this session lives.
-- params: text
-- columns: locked boolean!
SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext($1::pg_catalog.text), 1735879540) AS locked;
