-- Tables for rows that are moved from another database: definitions, analyses, sessions, runs, checkpoints, logs,
-- the id map; and Godwit's own: fingerprints a segment, rejects, tasks of workers, marks.

CREATE TABLE godwit.schema_mapping_definitions (
    id                       uuid        PRIMARY KEY,
    entity_type              text        NOT NULL CHECK (entity_type <> ''),
    source_table             text        NOT NULL CHECK (source_table <> ''),
    destination_table        text        NOT NULL CHECK (destination_table <> ''),
    field_mappings           jsonb       NOT NULL CHECK (pg_catalog.jsonb_typeof(field_mappings) = 'array'),
    validation_rules         jsonb       NOT NULL CHECK (pg_catalog.jsonb_typeof(validation_rules) = 'array'),
    transformation_functions jsonb       NOT NULL CHECK (pg_catalog.jsonb_typeof(transformation_functions) = 'array'),
    version                  text        NOT NULL
        CHECK (version ~ '^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$'),
    is_active                boolean     NOT NULL DEFAULT false,
    body                     text        NOT NULL,
    body_hash                text        NOT NULL CHECK (body_hash ~ '^[0-9a-f]{64}$'),
    script                   text,
    compiled                 jsonb,
    described                jsonb       NOT NULL CHECK (pg_catalog.jsonb_typeof(described) = 'object'),
    created_at               timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at               timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    UNIQUE (id, entity_type),
    UNIQUE (entity_type, version)
);
COMMENT ON TABLE godwit.schema_mapping_definitions IS 'Mappings: a version is never changed, one an entity is active';
COMMENT ON COLUMN godwit.schema_mapping_definitions.script IS 'The .ts file that the mapping names';
COMMENT ON COLUMN godwit.schema_mapping_definitions.compiled IS 'What became of the functions: JavaScript and source maps';
COMMENT ON COLUMN godwit.schema_mapping_definitions.described IS 'Columns and types of both sides as they were when it was registered';

CREATE TABLE godwit.migration_status_tracking (
    id                      uuid        PRIMARY KEY,
    migration_session_id    uuid        NOT NULL UNIQUE,
    overall_status          text        NOT NULL DEFAULT 'pending'
        CHECK (overall_status IN ('pending', 'running', 'paused', 'completed', 'failed')),
    entities_pending        text[]      NOT NULL DEFAULT '{}',
    entities_running        text[]      NOT NULL DEFAULT '{}',
    entities_completed      text[]      NOT NULL DEFAULT '{}',
    entities_failed         text[]      NOT NULL DEFAULT '{}',
    total_records_processed bigint      NOT NULL DEFAULT 0 CHECK (total_records_processed >= 0),
    total_records_remaining bigint      NOT NULL DEFAULT 0 CHECK (total_records_remaining >= 0),
    estimated_completion    timestamptz,
    error_summary           jsonb       NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(error_summary) = 'object'),
    performance_metrics     jsonb       NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(performance_metrics) = 'object'),
    wanted                  text        CHECK (wanted IN ('pause', 'cancel')),
    reason                  text,
    attempt                 integer     NOT NULL DEFAULT 1 CHECK (attempt > 0),
    options                 jsonb       NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(options) = 'object'),
    snapshot_name           text,
    coordinator             uuid,
    coordinator_host        text,
    coordinator_pid         bigint,
    lease_until             timestamptz,
    imported                boolean     NOT NULL DEFAULT false,
    started_at              timestamptz,
    completed_at            timestamptz,
    created_at              timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at              timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    CONSTRAINT entities_do_not_overlap CHECK (
        NOT entities_pending && entities_running AND NOT entities_pending && entities_completed
        AND NOT entities_pending && entities_failed AND NOT entities_running && entities_completed
        AND NOT entities_running && entities_failed AND NOT entities_completed && entities_failed),
    CONSTRAINT nothing_remains_when_completed CHECK (overall_status <> 'completed' OR total_records_remaining = 0),
    CONSTRAINT started_unless_pending CHECK (overall_status IN ('pending', 'failed') OR started_at IS NOT NULL),
    CONSTRAINT completed_at_its_end CHECK ((overall_status IN ('completed', 'failed')) = (completed_at IS NOT NULL)),
    CONSTRAINT completed_after_started CHECK (completed_at >= started_at)
);
COMMENT ON TABLE godwit.migration_status_tracking IS 'A row a session; kept for ever';
COMMENT ON COLUMN godwit.migration_status_tracking.wanted IS 'What somebody asked for: done at the next batch';
COMMENT ON COLUMN godwit.migration_status_tracking.attempt IS 'Each resumption is one more: a new snapshot';

CREATE TABLE godwit.differential_analysis_results (
    id                       uuid        PRIMARY KEY,
    analysis_group           uuid        NOT NULL,
    entity_type              text        NOT NULL CHECK (entity_type <> ''),
    kind                     text        NOT NULL DEFAULT 'detection' CHECK (kind IN ('baseline', 'detection')),
    mapping_id               uuid        NOT NULL,
    analysis_timestamp       timestamptz NOT NULL,
    source_record_count      bigint      NOT NULL CHECK (source_record_count >= 0),
    destination_record_count bigint      NOT NULL CHECK (destination_record_count >= 0),
    new_count                bigint      NOT NULL DEFAULT 0 CHECK (new_count >= 0),
    modified_count           bigint      NOT NULL DEFAULT 0 CHECK (modified_count >= 0),
    deleted_count            bigint      NOT NULL DEFAULT 0 CHECK (deleted_count >= 0),
    total_changes            bigint      GENERATED ALWAYS AS (new_count + modified_count) STORED,
    change_percentage        numeric     GENERATED ALWAYS AS (
        CASE WHEN source_record_count = 0 THEN 0
             ELSE pg_catalog.round((new_count + modified_count) * 100.0 / source_record_count, 4) END) STORED,
    last_migration_timestamp timestamptz,
    method                   text        CHECK (method IN ('timestamp', 'checksum', 'blocks', 'replication')),
    why                      text,
    mark                     jsonb,
    estimated_duration_ms    bigint      CHECK (estimated_duration_ms >= 0),
    analysis_metadata        jsonb       NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(analysis_metadata) = 'object'),
    created_at               timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at               timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    UNIQUE (id, entity_type),
    UNIQUE (analysis_group, entity_type),
    FOREIGN KEY (mapping_id, entity_type) REFERENCES godwit.schema_mapping_definitions (id, entity_type),
    CONSTRAINT analysis_after_last_migration CHECK (analysis_timestamp > last_migration_timestamp),
    CONSTRAINT changes_are_in_the_source CHECK (new_count + modified_count <= source_record_count),
    CONSTRAINT detection_has_a_method CHECK (kind <> 'detection' OR method IS NOT NULL)
);
COMMENT ON TABLE godwit.differential_analysis_results IS 'What a detection found of one entity; its changes are in differential_changes';
COMMENT ON COLUMN godwit.differential_analysis_results.analysis_group IS 'One call of detect: the id that it prints';

CREATE TABLE godwit.differential_changes (
    analysis_id uuid    NOT NULL REFERENCES godwit.differential_analysis_results (id) ON DELETE CASCADE,
    number      bigint  NOT NULL,
    kind        "char"  NOT NULL CHECK (kind IN ('n', 'm', 'd')),
    keys        text[],
    kept        bytea,
    leaf        oid,
    first_block bigint,
    end_block   bigint,
    key_count   bigint  NOT NULL CHECK (key_count >= 0),
    done_run    uuid,
    PRIMARY KEY (analysis_id, number),
    CONSTRAINT keys_or_a_range CHECK ((keys IS NULL) = (leaf IS NOT NULL AND first_block < end_block)),
    CONSTRAINT keys_are_counted CHECK (keys IS NULL OR pg_catalog.cardinality(keys) = key_count),
    CONSTRAINT a_range_is_new CHECK (keys IS NOT NULL OR kind = 'n')
);
COMMENT ON TABLE godwit.differential_changes IS 'Keys in the order in which they lie, some thousand a row; n new, m modified, d deleted';
COMMENT ON COLUMN godwit.differential_changes.kept IS 'Of m and d: the fingerprints under which they were applied, packed';
COMMENT ON COLUMN godwit.differential_changes.leaf IS 'Instead of keys: every row of the table''s blocks from first_block up to, not with, end_block';

CREATE TABLE godwit.migration_control (
    run_id               uuid        PRIMARY KEY,
    migration_session_id uuid        NOT NULL REFERENCES godwit.migration_status_tracking (migration_session_id),
    entity_type          text        NOT NULL CHECK (entity_type <> ''),
    mapping_id           uuid,
    analysis_id          uuid,
    attempt              integer     NOT NULL DEFAULT 1 CHECK (attempt > 0),
    status               text        NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'running', 'paused', 'completed', 'failed')),
    records_new          bigint      NOT NULL DEFAULT 0 CHECK (records_new >= 0),
    records_modified     bigint      NOT NULL DEFAULT 0 CHECK (records_modified >= 0),
    records_deleted      bigint      NOT NULL DEFAULT 0 CHECK (records_deleted >= 0),
    records_rejected     bigint      NOT NULL DEFAULT 0 CHECK (records_rejected >= 0),
    records_remaining    bigint      NOT NULL DEFAULT 0 CHECK (records_remaining >= 0),
    mark                 jsonb,
    error                jsonb,
    imported             boolean     NOT NULL DEFAULT false,
    legacy               jsonb,
    started_at           timestamptz,
    ended_at             timestamptz,
    created_at           timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at           timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    UNIQUE (run_id, entity_type),
    FOREIGN KEY (mapping_id, entity_type) REFERENCES godwit.schema_mapping_definitions (id, entity_type),
    FOREIGN KEY (analysis_id, entity_type) REFERENCES godwit.differential_analysis_results (id, entity_type)
        ON DELETE NO ACTION,
    CONSTRAINT a_mapping_unless_imported CHECK (imported OR mapping_id IS NOT NULL),
    CONSTRAINT ended_after_started CHECK (ended_at >= started_at)
);
COMMENT ON TABLE godwit.migration_control IS 'A row a run of an entity in a session';
COMMENT ON COLUMN godwit.migration_control.legacy IS 'The row of an older system that this one was imported from';

CREATE TABLE godwit.migration_checkpoints (
    id                   uuid        PRIMARY KEY,
    entity_type          text        NOT NULL CHECK (entity_type <> ''),
    migration_run_id     uuid        NOT NULL,
    migration_session_id uuid        NOT NULL REFERENCES godwit.migration_status_tracking (migration_session_id),
    analysis_id          uuid        NOT NULL,
    mapping_id           uuid        NOT NULL,
    state                text        NOT NULL DEFAULT 'created'
        CHECK (state IN ('created', 'active', 'suspended', 'completed')),
    last_processed_id    text        COLLATE "C",
    batch_position       bigint      NOT NULL DEFAULT 0 CHECK (batch_position >= 0),
    records_processed    bigint      NOT NULL DEFAULT 0 CHECK (records_processed >= 0),
    records_remaining    bigint      NOT NULL DEFAULT 0 CHECK (records_remaining >= 0),
    checkpoint_data      jsonb       NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(checkpoint_data) = 'object'),
    created_at           timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at           timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    FOREIGN KEY (migration_run_id, entity_type) REFERENCES godwit.migration_control (run_id, entity_type),
    FOREIGN KEY (analysis_id, entity_type) REFERENCES godwit.differential_analysis_results (id, entity_type),
    FOREIGN KEY (mapping_id, entity_type) REFERENCES godwit.schema_mapping_definitions (id, entity_type)
);
COMMENT ON TABLE godwit.migration_checkpoints IS 'How far a run is: written in the transaction of the rows that it speaks of';

CREATE TABLE godwit.migration_execution_logs (
    id                   uuid        PRIMARY KEY,
    migration_session_id uuid        REFERENCES godwit.migration_status_tracking (migration_session_id),
    checkpoint_id        uuid        REFERENCES godwit.migration_checkpoints (id) ON DELETE SET NULL,
    entity_type          text        NOT NULL DEFAULT '',
    operation_type       text        NOT NULL CHECK (operation_type IN ('baseline_analysis', 'differential_detection',
        'record_migration', 'validation', 'checkpoint_save', 'checkpoint_restore')),
    record_id            text        COLLATE "C",
    log_level            text        NOT NULL CHECK (log_level IN ('error', 'warn', 'info', 'debug')),
    message              text        NOT NULL,
    error_details        jsonb       CHECK (pg_catalog.jsonb_typeof(error_details) = 'object'),
    performance_data     jsonb       CHECK (pg_catalog.jsonb_typeof(performance_data) = 'object'),
    context_data         jsonb       NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(context_data) = 'object'),
    "timestamp"          timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    created_at           timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    CONSTRAINT a_session_unless_analysis CHECK (migration_session_id IS NOT NULL
        OR operation_type IN ('baseline_analysis', 'differential_detection', 'validation')),
    CONSTRAINT timestamp_is_near CHECK ("timestamp" <= created_at + interval '1 hour'
        AND "timestamp" >= created_at - interval '7 days')
);
COMMENT ON TABLE godwit.migration_execution_logs IS 'What was done, a line a batch; entity_type '''' is about the whole session';

CREATE TABLE godwit.migration_mappings (
    entity_type     text        NOT NULL CHECK (entity_type <> ''),
    legacy_id       text        COLLATE "C" NOT NULL,
    modern_id       text        COLLATE "C" NOT NULL,
    migration_batch uuid,
    migrated_at     timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    metadata        jsonb
) PARTITION BY LIST (entity_type);
COMMENT ON TABLE godwit.migration_mappings IS 'The id map of entities whose ids change, a partition an entity: unique both ways';

CREATE TABLE godwit.sync_segments (
    entity_type text    NOT NULL,
    leaf        oid     NOT NULL,
    first_block bigint  NOT NULL CHECK (first_block >= 0),
    end_block   bigint  NOT NULL,
    row_count   bigint  NOT NULL CHECK (row_count >= 0),
    hash_sum    numeric NOT NULL,
    packed      bytea   NOT NULL,
    PRIMARY KEY (entity_type, leaf, first_block),
    CHECK (first_block < end_block)
);
-- Compressed it would only be slower: most of it is hashes.
ALTER TABLE godwit.sync_segments ALTER COLUMN packed SET STORAGE EXTERNAL;
COMMENT ON TABLE godwit.sync_segments IS 'Fingerprints of the rows applied, packed: some hundred rows of neighbouring blocks of the source a row';
COMMENT ON COLUMN godwit.sync_segments.leaf IS 'The source''s table or partition; 0 of a query, whose rows are counted instead of blocks';
COMMENT ON COLUMN godwit.sync_segments.end_block IS 'Up to here, not with it';

CREATE TABLE godwit.sync_loads (
    entity_type text        PRIMARY KEY,
    was_empty   boolean     NOT NULL,
    postponed   text[]      NOT NULL DEFAULT '{}',
    begun_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE godwit.sync_loads IS 'First loads that go on: a row an entity, until its indexes are there again';
COMMENT ON COLUMN godwit.sync_loads.was_empty IS 'The destination held no row when it began: all that it holds came from here';
COMMENT ON COLUMN godwit.sync_loads.postponed IS 'What makes the indexes again that are built after the rows: removed here in the transaction that builds them';

CREATE TABLE godwit.sync_later (
    entity_type text NOT NULL,
    key         text COLLATE "C" NOT NULL,
    PRIMARY KEY (entity_type, key)
);
COMMENT ON TABLE godwit.sync_later IS 'Rows whose references wait for the second pass, because entities need each other: written with the rows';

CREATE TABLE godwit.sync_rejects (
    entity_type text        NOT NULL,
    key         text        COLLATE "C" NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('rule', 'function', 'server', 'reference', 'conflict', 'changed')),
    action      text        NOT NULL DEFAULT 'quarantine' CHECK (action IN ('quarantine', 'skip')),
    rule        text,
    field       text,
    message     text        NOT NULL,
    sqlstate    text,
    place       text,
    source_row  jsonb,
    source_hash bigint,
    details     jsonb,
    run_id      uuid        REFERENCES godwit.migration_control (run_id) ON DELETE SET NULL,
    attempts    integer     NOT NULL DEFAULT 1 CHECK (attempts > 0),
    first_seen  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    last_seen   timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (entity_type, key)
);
COMMENT ON TABLE godwit.sync_rejects IS 'The quarantine: a row a key that could not be applied';

CREATE TABLE godwit.sync_tasks (
    run_id      uuid        NOT NULL REFERENCES godwit.migration_control (run_id) ON DELETE CASCADE,
    number      bigint      NOT NULL,
    kind        "char"      NOT NULL CHECK (kind IN ('r', 'c')),
    leaf        oid,
    first_block bigint,
    end_block   bigint,
    change      bigint,
    row_count   bigint      CHECK (row_count >= 0),
    state       text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'claimed', 'done')),
    worker      uuid,
    worker_host text,
    lease_until timestamptz,
    attempts    integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    done_at     timestamptz,
    PRIMARY KEY (run_id, number),
    CONSTRAINT blocks_or_changes CHECK (CASE kind WHEN 'r' THEN first_block < end_block AND leaf IS NOT NULL
                                                  ELSE change IS NOT NULL END),
    CONSTRAINT claimed_by_somebody CHECK (state <> 'claimed' OR (worker IS NOT NULL AND lease_until IS NOT NULL))
);
COMMENT ON TABLE godwit.sync_tasks IS 'The pieces of a run, for its workers: claimed by lease';

CREATE TABLE godwit.sync_marks (
    entity_type text        NOT NULL,
    number      bigint      NOT NULL,
    method      text        NOT NULL CHECK (method IN ('timestamp', 'checksum', 'blocks', 'replication')),
    mapping_id  uuid        NOT NULL,
    mark        jsonb       NOT NULL,
    run_id      uuid        REFERENCES godwit.migration_control (run_id) ON DELETE SET NULL,
    taken_at    timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (entity_type, number),
    FOREIGN KEY (mapping_id, entity_type) REFERENCES godwit.schema_mapping_definitions (id, entity_type)
);
COMMENT ON TABLE godwit.sync_marks IS 'From where the next detection may start: moved only with the changes found';
