-- What a session, a run and a checkpoint may become holds under `sync run --replica` too, which turns the triggers of tables off; and
-- rows that are gone are remembered with the time, so that the memory has an end.

ALTER TABLE godwit.migration_status_tracking ENABLE ALWAYS TRIGGER migration_status_step;
ALTER TABLE godwit.migration_status_tracking ENABLE ALWAYS TRIGGER migration_status_is_kept;
ALTER TABLE godwit.migration_control ENABLE ALWAYS TRIGGER migration_control_step;
ALTER TABLE godwit.migration_checkpoints ENABLE ALWAYS TRIGGER migration_checkpoint_step;
ALTER TABLE godwit.differential_analysis_results ENABLE ALWAYS TRIGGER differential_analysis_results_touch;
ALTER TABLE godwit.schema_mapping_definitions ENABLE ALWAYS TRIGGER schema_mapping_is_fixed;

ALTER TABLE godwit.sync_departed ADD COLUMN gone_at timestamptz NOT NULL DEFAULT pg_catalog.now();
