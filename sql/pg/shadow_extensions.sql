-- The extensions that a server could create.
-- params: none
-- columns: name text!, version text
-- min: 12
SELECT e.name::pg_catalog.text AS name,
       e.default_version AS version
  FROM pg_catalog.pg_available_extensions AS e
 ORDER BY e.name;
