-- What was archived goes back first: no row of the audit is lost on the way.
SELECT restore_audit_partition(tablename) FROM pg_tables WHERE schemaname = 'audit_archive';
DROP FUNCTION restore_audit_partition(text);
DROP FUNCTION archive_audit_partitions(date);
DROP SCHEMA audit_archive;
