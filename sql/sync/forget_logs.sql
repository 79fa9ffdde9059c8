-- Entries of the log of runs that are older than a time go: they are in a file.
-- params: timestamptz
-- columns: none
DELETE FROM godwit.migration_execution_logs AS l WHERE l."timestamp" < $1;
