-- Databases that verifications from this database made and that nobody works on any more: each is locked by who does.
-- params: text
-- columns: name text!
SELECT d.datname::pg_catalog.text AS name
FROM pg_catalog.pg_database AS d
WHERE pg_catalog.starts_with(d.datname, $1::pg_catalog.text)
  AND pg_catalog.pg_try_advisory_lock(pg_catalog.hashtext(d.datname), 1735879540)
ORDER BY d.datname;
