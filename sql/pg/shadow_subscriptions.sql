-- The subscriptions of a database; they keep it from being dropped.
-- params: text
-- columns: name text!
-- min: 12
SELECT s.subname::pg_catalog.text AS name
  FROM pg_catalog.pg_subscription AS s
  JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
 WHERE d.datname = $1::pg_catalog.text
 ORDER BY s.subname;
