-- Where names without a schema are looked for: until the transaction ends ($2), or the session.
-- params: text, boolean
-- columns: search_path text
SELECT pg_catalog.set_config('search_path', $1, $2) AS search_path;
