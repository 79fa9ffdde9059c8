-- A row whose second pass refuses it was counted as written: of which run, and as what, it has to be taken back.

ALTER TABLE godwit.sync_later ADD COLUMN run_id uuid, ADD COLUMN added boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN godwit.sync_later.run_id IS 'The run that counts the row as written; NULL: none does';
COMMENT ON COLUMN godwit.sync_later.added IS 'It was counted as new, else as modified';
