-- Note the version that the tables have now, after an upgrade.
-- params: integer, text
-- columns: none
INSERT INTO godwit.control (version, upgraded_by) VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version, upgraded_by = EXCLUDED.upgraded_by,
    upgraded_at = pg_catalog.now();
