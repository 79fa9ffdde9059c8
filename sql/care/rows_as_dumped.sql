-- The settings of pg_dump for this transaction, as far as they show in rows: its own, else those of role and database.
-- params: none
-- columns: settings text
SELECT pg_catalog.concat(
           pg_catalog.set_config('DateStyle', 'ISO', true), pg_catalog.set_config('IntervalStyle', 'postgres', true),
           pg_catalog.set_config('extra_float_digits', '3', true), pg_catalog.set_config('row_security', 'off', true),
           pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), true),
           pg_catalog.string_agg(pg_catalog.set_config(s.name, s.reset_val, true), ',')) AS settings
FROM pg_catalog.pg_settings AS s
WHERE s.name IN ('TimeZone', 'bytea_output');
