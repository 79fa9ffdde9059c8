-- Where and in which zone the sessions of this role and database stand when nobody sets anything.
-- Runs with their search_path, so nothing in it may depend on that.
-- params: none
-- columns: schemas text!, time_zone text!
SELECT pg_catalog.current_schemas(false)::pg_catalog.text AS schemas,
       COALESCE((SELECT s.reset_val FROM pg_catalog.pg_settings s
                 WHERE s.name OPERATOR(pg_catalog.=) 'TimeZone'), 'UTC') AS time_zone;
