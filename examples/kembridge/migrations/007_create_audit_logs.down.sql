-- The whole audit goes, every month of it.
DROP TABLE audit_logs;
