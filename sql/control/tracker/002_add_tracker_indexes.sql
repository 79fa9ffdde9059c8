-- Indexes: what is looked for, and what foreign keys are checked with.

CREATE INDEX migration_stages_status ON godwit.migration_stages (status);
CREATE INDEX migration_stages_started_at ON godwit.migration_stages (started_at);

CREATE INDEX xcm_message_counters_source_chain ON godwit.xcm_message_counters (source_chain);
CREATE INDEX xcm_message_counters_destination_chain ON godwit.xcm_message_counters (destination_chain);
CREATE INDEX xcm_message_counters_last_updated ON godwit.xcm_message_counters (last_updated);

CREATE INDEX balance_migration_counters_last_updated ON godwit.balance_migration_counters (last_updated);

CREATE INDEX teleportation_counters_last_updated ON godwit.teleportation_counters (last_updated);

CREATE INDEX pallet_migration_counters_pallet_name ON godwit.pallet_migration_counters (pallet_name);
CREATE INDEX pallet_migration_counters_stage_id ON godwit.pallet_migration_counters (stage_id);
CREATE INDEX pallet_migration_counters_last_updated ON godwit.pallet_migration_counters (last_updated);

CREATE UNIQUE INDEX tracker_blocks_live ON godwit.tracker_blocks (tracker, chain, number) WHERE live;
CREATE INDEX tracker_blocks_totals ON godwit.tracker_blocks (tracker, chain, number) WHERE kept IS NOT NULL;
CREATE INDEX tracker_steps_stage ON godwit.tracker_steps (tracker, stage_name, chain, number, place);
