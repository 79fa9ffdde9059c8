-- Indexes: what is looked for, and what foreign keys are checked with.

CREATE UNIQUE INDEX schema_mapping_definitions_active ON godwit.schema_mapping_definitions (entity_type) WHERE is_active;
CREATE INDEX schema_mapping_definitions_versions ON godwit.schema_mapping_definitions (entity_type, is_active, version);

CREATE INDEX migration_status_tracking_status ON godwit.migration_status_tracking (migration_session_id, overall_status);

CREATE INDEX differential_analysis_results_entity ON godwit.differential_analysis_results (entity_type, analysis_timestamp);
CREATE INDEX differential_analysis_results_last ON godwit.differential_analysis_results (last_migration_timestamp);
CREATE INDEX differential_analysis_results_mapping ON godwit.differential_analysis_results (mapping_id);

CREATE INDEX migration_control_session ON godwit.migration_control (migration_session_id);
CREATE INDEX migration_control_entity ON godwit.migration_control (entity_type, created_at);
CREATE INDEX migration_control_analysis ON godwit.migration_control (analysis_id);
CREATE INDEX migration_control_mapping ON godwit.migration_control (mapping_id);

CREATE INDEX migration_checkpoints_run ON godwit.migration_checkpoints (entity_type, migration_run_id);
CREATE INDEX migration_checkpoints_last ON godwit.migration_checkpoints (last_processed_id);
CREATE INDEX migration_checkpoints_session ON godwit.migration_checkpoints (migration_session_id);
CREATE INDEX migration_checkpoints_run_id ON godwit.migration_checkpoints (migration_run_id);
CREATE INDEX migration_checkpoints_analysis ON godwit.migration_checkpoints (analysis_id);
CREATE INDEX migration_checkpoints_mapping ON godwit.migration_checkpoints (mapping_id);

CREATE INDEX migration_execution_logs_session ON godwit.migration_execution_logs (migration_session_id, "timestamp");
CREATE INDEX migration_execution_logs_entity ON godwit.migration_execution_logs (entity_type, log_level);
CREATE INDEX migration_execution_logs_checkpoint ON godwit.migration_execution_logs (checkpoint_id)
    WHERE checkpoint_id IS NOT NULL;

CREATE INDEX sync_rejects_run ON godwit.sync_rejects (run_id);
CREATE INDEX sync_tasks_open ON godwit.sync_tasks (run_id, number) WHERE state <> 'done';
CREATE INDEX sync_marks_run ON godwit.sync_marks (run_id);
CREATE INDEX sync_marks_mapping ON godwit.sync_marks (mapping_id);
