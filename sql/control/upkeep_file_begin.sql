-- A file is going to be made.
-- params: text, text
-- columns: none
INSERT INTO godwit.upkeep_files (name, path) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET path = EXCLUDED.path, begun_at = pg_catalog.clock_timestamp();
