-- Has an entity an id map, under which name, and is it whole: with its indexes, part of the others?
-- params: text
-- columns: here boolean!, whole boolean!, name text!
SELECT pg_catalog.to_regclass('godwit.' || n.name) IS NOT NULL AS here,
       EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = pg_catalog.to_regclass('godwit.' || n.name)) AS whole,
       n.name
FROM (SELECT godwit.id_map_name($1::pg_catalog.text) AS name) n
