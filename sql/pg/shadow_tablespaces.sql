-- The tablespaces of a server.
-- params: none
-- columns: name text!
-- min: 12
SELECT t.spcname::pg_catalog.text AS name
  FROM pg_catalog.pg_tablespace AS t
 ORDER BY t.spcname;
