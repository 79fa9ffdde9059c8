-- Databases of before, as restores have named them: a prefix and the moment.
-- params: text
-- columns: name text!
SELECT d.datname::pg_catalog.text AS name
FROM pg_catalog.pg_database AS d
WHERE pg_catalog.starts_with(d.datname, $1::pg_catalog.text)
  AND pg_catalog.substr(d.datname, pg_catalog.length($1::pg_catalog.text) + 1) ~ '^[0-9]{14}$'
ORDER BY d.datname;
