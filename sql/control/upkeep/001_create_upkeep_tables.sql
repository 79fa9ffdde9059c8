-- Files that upkeep is making: what they hold goes from its table in the transaction that takes the row away.

CREATE TABLE godwit.upkeep_files (
    name     text        PRIMARY KEY CHECK (name <> ''),
    path     text        NOT NULL CHECK (path <> ''),
    begun_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE godwit.upkeep_files IS 'A file that upkeep has begun; where a run was killed, its entries are still here, and the next one removes the file';
