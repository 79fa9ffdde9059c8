-- Balances: amounts as text.
-- params: text
-- columns: id bigint!, tracker text!, accounts_migrated bigint!, total_balance_migrated text!, total_balance_kept text!,
--   failed_migrations bigint!, last_updated timestamptz!
SELECT b.id, b.tracker, b.accounts_migrated, b.total_balance_migrated::pg_catalog.text AS total_balance_migrated,
       b.total_balance_kept::pg_catalog.text AS total_balance_kept, b.failed_migrations, b.last_updated
FROM godwit.live_balance_migration_counters b
WHERE $1::pg_catalog.text IS NULL OR b.tracker = $1
ORDER BY b.tracker
