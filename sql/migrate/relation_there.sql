-- Is there a relation of this name, quoted as it has to be?
-- params: text
-- columns: is_there boolean!
SELECT pg_catalog.to_regclass($1) IS NOT NULL AS is_there;
