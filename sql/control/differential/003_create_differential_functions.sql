-- Steps between states, what is never changed, the id map's partitions, and the seed's arrays as a view.

CREATE FUNCTION godwit.differential_touch() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    NEW.updated_at := pg_catalog.clock_timestamp();
    RETURN NEW;
END
$$;

-- The steps of a session and of a run: a cancelled one has failed, with that reason.
CREATE FUNCTION godwit.differential_step_allowed(was text, becomes text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog
    AS $$
    SELECT was = becomes OR (was, becomes) IN (
        ('pending', 'running'), ('pending', 'failed'),
        ('running', 'paused'), ('running', 'completed'), ('running', 'failed'),
        ('paused', 'running'), ('paused', 'failed'))
$$;

CREATE FUNCTION godwit.migration_status_step() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT NEW.imported AND NEW.overall_status <> 'pending' THEN
            RAISE EXCEPTION 'a session begins as pending, not as %', NEW.overall_status USING ERRCODE = 'GW002';
        END IF;
    ELSE
        IF NOT godwit.differential_step_allowed(OLD.overall_status, NEW.overall_status) THEN
            RAISE EXCEPTION 'session % cannot go from % to %', OLD.migration_session_id, OLD.overall_status,
                NEW.overall_status USING ERRCODE = 'GW002';
        END IF;
        IF NEW.migration_session_id <> OLD.migration_session_id THEN
            RAISE EXCEPTION 'a session keeps its id' USING ERRCODE = 'GW002';
        END IF;
        IF NEW.total_records_processed < OLD.total_records_processed THEN
            RAISE EXCEPTION 'session % has processed % records: the count cannot go back to %',
                OLD.migration_session_id, OLD.total_records_processed, NEW.total_records_processed
                USING ERRCODE = 'GW002';
        END IF;
        IF NEW.overall_status = 'running' AND OLD.overall_status <> 'running' THEN
            NEW.started_at := coalesce(NEW.started_at, pg_catalog.clock_timestamp());
            IF NEW.estimated_completion <= pg_catalog.clock_timestamp()
               AND NEW.estimated_completion = OLD.estimated_completion THEN
                NEW.estimated_completion := NULL; -- of the time before the pause
            END IF;
        END IF;
        IF NEW.overall_status IN ('completed', 'failed') AND OLD.overall_status <> NEW.overall_status THEN
            NEW.completed_at := coalesce(NEW.completed_at, pg_catalog.clock_timestamp());
        END IF;
        NEW.updated_at := pg_catalog.clock_timestamp();
    END IF;
    IF NEW.overall_status = 'running' AND NEW.estimated_completion <= pg_catalog.clock_timestamp()
       AND (TG_OP = 'INSERT' OR NEW.estimated_completion IS DISTINCT FROM OLD.estimated_completion) THEN
        RAISE EXCEPTION 'a running session cannot be expected to have ended at %', NEW.estimated_completion
            USING ERRCODE = 'GW002';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER migration_status_step BEFORE INSERT OR UPDATE ON godwit.migration_status_tracking
    FOR EACH ROW EXECUTE FUNCTION godwit.migration_status_step();

CREATE FUNCTION godwit.migration_status_is_kept() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    RAISE EXCEPTION 'sessions are kept for ever: nothing is deleted from godwit.migration_status_tracking'
        USING ERRCODE = 'GW002';
END
$$;
CREATE TRIGGER migration_status_is_kept BEFORE DELETE OR TRUNCATE ON godwit.migration_status_tracking
    FOR EACH STATEMENT EXECUTE FUNCTION godwit.migration_status_is_kept();

CREATE FUNCTION godwit.migration_control_step() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT NEW.imported AND NEW.status <> 'pending' THEN
            RAISE EXCEPTION 'a run begins as pending, not as %', NEW.status USING ERRCODE = 'GW002';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT godwit.differential_step_allowed(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'run % of % cannot go from % to %', OLD.run_id, OLD.entity_type, OLD.status, NEW.status
            USING ERRCODE = 'GW002';
    END IF;
    IF NEW.status = 'running' THEN
        NEW.started_at := coalesce(NEW.started_at, pg_catalog.clock_timestamp());
    ELSIF NEW.status IN ('completed', 'failed') AND OLD.status <> NEW.status THEN
        NEW.ended_at := coalesce(NEW.ended_at, pg_catalog.clock_timestamp());
    END IF;
    NEW.updated_at := pg_catalog.clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER migration_control_step BEFORE INSERT OR UPDATE ON godwit.migration_control
    FOR EACH ROW EXECUTE FUNCTION godwit.migration_control_step();

CREATE FUNCTION godwit.migration_checkpoint_step() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'created' THEN
            RAISE EXCEPTION 'a checkpoint begins as created, not as %', NEW.state USING ERRCODE = 'GW002';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('created', 'active'), ('active', 'suspended'), ('suspended', 'active'), ('active', 'completed')) THEN
        RAISE EXCEPTION 'checkpoint % cannot go from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'GW002';
    END IF;
    IF NEW.records_processed < OLD.records_processed THEN
        RAISE EXCEPTION 'checkpoint % has processed % records: it cannot go back to %', OLD.id,
            OLD.records_processed, NEW.records_processed USING ERRCODE = 'GW002';
    END IF;
    NEW.updated_at := pg_catalog.clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER migration_checkpoint_step BEFORE INSERT OR UPDATE ON godwit.migration_checkpoints
    FOR EACH ROW EXECUTE FUNCTION godwit.migration_checkpoint_step();

CREATE TRIGGER differential_analysis_results_touch BEFORE UPDATE ON godwit.differential_analysis_results
    FOR EACH ROW EXECUTE FUNCTION godwit.differential_touch();

-- A version that was registered stays what it is; another text is another version.
CREATE FUNCTION godwit.schema_mapping_is_fixed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    IF (NEW.id, NEW.entity_type, NEW.version, NEW.body_hash, NEW.source_table, NEW.destination_table)
       IS DISTINCT FROM (OLD.id, OLD.entity_type, OLD.version, OLD.body_hash, OLD.source_table, OLD.destination_table)
       OR NEW.body IS DISTINCT FROM OLD.body OR NEW.script IS DISTINCT FROM OLD.script
       OR NEW.field_mappings IS DISTINCT FROM OLD.field_mappings
       OR NEW.validation_rules IS DISTINCT FROM OLD.validation_rules
       OR NEW.transformation_functions IS DISTINCT FROM OLD.transformation_functions THEN
        RAISE EXCEPTION 'version % of % is registered and does not change', OLD.version, OLD.entity_type
            USING ERRCODE = 'GW002';
    END IF;
    NEW.updated_at := pg_catalog.clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER schema_mapping_is_fixed BEFORE UPDATE ON godwit.schema_mapping_definitions
    FOR EACH ROW EXECUTE FUNCTION godwit.schema_mapping_is_fixed();

-- The name of an entity's partition of the id map; entities have names that are no names of tables.
CREATE FUNCTION godwit.id_map_name(entity text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog
    AS $$
    SELECT 'migration_mappings_' || substr(md5(convert_to(entity, 'UTF8')), 1, 16)
$$;

-- A table for the entity's ids, not yet part of the id map, without its indexes: for a load from nothing.
CREATE FUNCTION godwit.id_map_make(entity text) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
DECLARE
    name text := godwit.id_map_name(entity);
BEGIN
    EXECUTE format('CREATE TABLE godwit.%I (LIKE godwit.migration_mappings INCLUDING DEFAULTS INCLUDING CONSTRAINTS,'
                   ' CHECK (entity_type = %L))', name, entity);
    EXECUTE format('COMMENT ON TABLE godwit.%I IS %L', name, 'The id map of ' || entity);
    RETURN name;
END
$$;

-- Unique both ways, then a part of the id map. What is there already is left as it is. (to_regclass may still answer what
-- was so before a lock was waited for.)
CREATE FUNCTION godwit.id_map_attach(entity text) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
DECLARE
    name text := godwit.id_map_name(entity);
    part oid := (SELECT c.oid FROM pg_class c WHERE c.relname = name AND c.relnamespace = 'godwit'::regnamespace);
BEGIN
    IF EXISTS (SELECT FROM pg_inherits WHERE inhrelid = part) THEN
        RETURN name;
    END IF;
    EXECUTE format('CREATE UNIQUE INDEX %I ON godwit.%I (legacy_id)', name || '_legacy', name);
    EXECUTE format('CREATE UNIQUE INDEX %I ON godwit.%I (modern_id)', name || '_modern', name);
    EXECUTE format('ALTER TABLE godwit.migration_mappings ATTACH PARTITION godwit.%I FOR VALUES IN (%L)',
                   name, entity);
    RETURN name;
END
$$;

-- Both at once, where there is none yet. Of workers that come together the first one makes it, and the others wait for it
-- as long as its indexes take.
CREATE FUNCTION godwit.id_map_ensure(entity text) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    SET lock_timeout = 0
    AS $$
DECLARE
    name text := godwit.id_map_name(entity);
BEGIN
    IF EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
               WHERE c.relname = name AND c.relnamespace = 'godwit'::regnamespace) THEN
        RETURN name;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('godwit.' || name, 0));
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.relname = name AND c.relnamespace = 'godwit'::regnamespace) THEN
        PERFORM godwit.id_map_make(entity);
    END IF;
    RETURN godwit.id_map_attach(entity);
END
$$;

CREATE VIEW godwit.differential_analysis_records AS
SELECT r.id, r.entity_type, r.analysis_timestamp,
       coalesce(c.new_records, '{}'::text[]) AS new_records,
       coalesce(c.modified_records, '{}'::text[]) AS modified_records,
       coalesce(c.deleted_records, '{}'::text[]) AS deleted_records,
       coalesce(c.ranges, '[]'::jsonb) AS ranges
FROM godwit.differential_analysis_results r
LEFT JOIN LATERAL (
    SELECT pg_catalog.array_agg(k.key ORDER BY d.number, k.place) FILTER (WHERE d.kind = 'n' AND k.place IS NOT NULL)
               AS new_records,
           pg_catalog.array_agg(k.key ORDER BY d.number, k.place) FILTER (WHERE d.kind = 'm' AND k.place IS NOT NULL)
               AS modified_records,
           pg_catalog.array_agg(k.key ORDER BY d.number, k.place) FILTER (WHERE d.kind = 'd' AND k.place IS NOT NULL)
               AS deleted_records,
           pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('kind', d.kind, 'leaf', d.leaf::bigint,
               'first_block', d.first_block, 'end_block', d.end_block, 'count', d.key_count) ORDER BY d.number) FILTER (WHERE d.keys IS NULL) AS ranges
    FROM godwit.differential_changes d
    LEFT JOIN LATERAL unnest(d.keys) WITH ORDINALITY k(key, place) ON true
    WHERE d.analysis_id = r.id
) c ON true;
COMMENT ON VIEW godwit.differential_analysis_records IS 'The changes of an analysis as arrays of keys; ranges stand apart';
