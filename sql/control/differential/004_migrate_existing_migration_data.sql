-- What an older system has left: its tables migration_control and migration_mappings are read and not changed.

-- One row an entity of the old id map, and one for the old runs. Rows that are here already are counted as present;
-- a conflict is a row that says something else than what is here, or than another row of the old table.
CREATE FUNCTION godwit.import_existing_migration_data(from_schema text)
    RETURNS TABLE (what text, entity text, total bigint, imported bigint, present bigint, conflicts bigint, detail text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    SET "TimeZone" = 'UTC'
    SET "DateStyle" = 'ISO'
    AS $$
#variable_conflict use_column
DECLARE
    old_map     regclass := to_regclass(format('%I.migration_mappings', from_schema));
    old_control regclass := to_regclass(format('%I.migration_control', from_schema));
    session     uuid := md5('godwit import of ' || from_schema)::uuid;
    part        text;
    each        record;
    broken      text;
BEGIN
    IF from_schema = 'godwit' THEN
        RAISE EXCEPTION 'the schema godwit is where rows are imported to' USING ERRCODE = 'GW002';
    END IF;
    IF old_map IS NOT NULL AND 3 = (SELECT count(*) FROM pg_attribute WHERE attrelid = old_map AND NOT attisdropped
                                    AND attname IN ('entity_type', 'legacy_id', 'modern_id')) THEN
        -- One reading of the old table, its values as text.
        EXECUTE format('CREATE TEMPORARY TABLE godwit_import ON COMMIT DROP AS SELECT r.j ->> ''entity_type'' AS entity,'
            ' r.j ->> ''legacy_id'' COLLATE "C" AS legacy, r.j ->> ''modern_id'' COLLATE "C" AS modern,'
            ' r.j ->> ''migration_batch'' AS batch, (r.j ->> ''migrated_at'')::timestamptz AS migrated,'
            ' r.j -> ''metadata'' AS metadata FROM (SELECT to_jsonb(o) AS j FROM %s o) r', old_map);
        FOR each IN SELECT i.entity AS name, count(*) AS rows FROM pg_temp.godwit_import i GROUP BY 1 ORDER BY 1 LOOP
            what := 'migration_mappings';
            entity := each.name;
            total := each.rows;
            imported := 0;
            present := 0;
            detail := NULL;
            IF coalesce(each.name, '') = '' THEN
                conflicts := total;
                detail := 'rows without an entity';
                RETURN NEXT;
                CONTINUE;
            END IF;
            part := godwit.id_map_ensure(each.name);
            EXECUTE format('SELECT count(*) FROM pg_temp.godwit_import i JOIN godwit.%I m ON m.legacy_id = i.legacy'
                ' AND m.modern_id = i.modern WHERE i.entity = $1', part) INTO present USING each.name;
            EXECUTE format('INSERT INTO godwit.%I AS m (entity_type, legacy_id, modern_id, migration_batch, migrated_at,'
                ' metadata) SELECT i.entity, i.legacy, i.modern,'
                ' CASE WHEN i.batch ~* ''^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'' THEN i.batch::uuid END,'
                ' coalesce(i.migrated, now()),'
                ' CASE WHEN i.batch !~* ''^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'''
                ' THEN jsonb_build_object(''migration_batch'', i.batch, ''metadata'', i.metadata)'
                ' ELSE nullif(i.metadata, ''null'') END'
                ' FROM pg_temp.godwit_import i WHERE i.entity = $1 AND i.legacy IS NOT NULL AND i.modern IS NOT NULL'
                ' ORDER BY i.legacy, i.modern ON CONFLICT DO NOTHING', part) USING each.name;
            GET DIAGNOSTICS imported = ROW_COUNT;
            conflicts := total - imported - present;
            IF conflicts > 0 THEN
                EXECUTE format('SELECT string_agg(format(''%%s → %%s'', coalesce(c.legacy, ''NULL''),'
                    ' coalesce(c.modern, ''NULL'')), '', '') FROM (SELECT i.legacy, i.modern FROM pg_temp.godwit_import i'
                    ' LEFT JOIN godwit.%I m ON m.legacy_id = i.legacy AND m.modern_id = i.modern'
                    ' WHERE i.entity = $1 AND m.legacy_id IS NULL ORDER BY 1, 2 LIMIT 5) c', part)
                    INTO broken USING each.name;
                detail := coalesce('among them ' || broken, 'rows that are there twice');
            END IF;
            RETURN NEXT;
        END LOOP;
        DROP TABLE pg_temp.godwit_import;
    ELSIF old_map IS NOT NULL THEN
        what := 'migration_mappings';
        entity := NULL; total := 0; imported := 0; present := 0; conflicts := 0;
        detail := 'not imported: it has no columns entity_type, legacy_id, modern_id';
        RETURN NEXT;
    END IF;
    IF old_control IS NOT NULL AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = old_control AND NOT attisdropped
                                           AND attname = 'run_id') THEN
        what := 'migration_control';
        entity := NULL;
        detail := NULL;
        EXECUTE format('CREATE TEMPORARY TABLE godwit_import ON COMMIT DROP AS SELECT to_jsonb(o) AS j FROM %s o',
                       old_control);
        SELECT count(*) INTO total FROM pg_temp.godwit_import;
        IF total > 0 THEN
            INSERT INTO godwit.migration_status_tracking (id, migration_session_id, overall_status, imported, reason,
                                                          started_at, completed_at)
            VALUES (session, session, 'completed', true, 'imported from ' || from_schema, now(), now())
            ON CONFLICT DO NOTHING;
        END IF;
        SELECT count(*) INTO present FROM pg_temp.godwit_import i
        WHERE EXISTS (SELECT FROM godwit.migration_control c WHERE c.legacy = i.j AND c.imported);
        INSERT INTO godwit.migration_control (run_id, migration_session_id, entity_type, status, imported, legacy,
                                              started_at, ended_at)
        SELECT CASE WHEN i.j ->> 'run_id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN (i.j ->> 'run_id')::uuid
                    ELSE md5(from_schema || ' run ' || (i.j ->> 'run_id'))::uuid END,
               session, coalesce(nullif(i.j ->> 'entity_type', ''), '(imported)'),
               CASE WHEN lower(coalesce(i.j ->> 'status', 'completed')) IN ('completed', 'complete', 'done', 'success')
                    THEN 'completed' ELSE 'failed' END,
               true, i.j, NULL, NULL
        FROM pg_temp.godwit_import i
        WHERE i.j ->> 'run_id' IS NOT NULL ORDER BY i.j ->> 'run_id', i.j::text
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS imported = ROW_COUNT;
        conflicts := total - imported - present;
        IF conflicts > 0 THEN
            detail := 'rows without a run_id, or with one that another run has';
        END IF;
        DROP TABLE pg_temp.godwit_import;
        RETURN NEXT;
    ELSIF old_control IS NOT NULL THEN
        what := 'migration_control';
        entity := NULL; total := 0; imported := 0; present := 0; conflicts := 0;
        detail := 'not imported: it has no column run_id';
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION godwit.import_existing_migration_data(text) IS 'Take over migration_control and migration_mappings of a schema; again and again without harm';

-- Those that stand in public are taken over now; others by `godwit sync import --schema NAME`.
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT * FROM godwit.import_existing_migration_data('public') LOOP
        IF each.conflicts > 0 THEN
            RAISE WARNING 'public.%: % of % rows% were not imported (%)', each.what, each.conflicts, each.total,
                coalesce(' of ' || each.entity, ''), each.detail;
        ELSIF each.detail IS NOT NULL THEN
            RAISE NOTICE 'public.%: %', each.what, each.detail;
        ELSE
            RAISE NOTICE 'public.%: % rows% imported', each.what, each.imported, coalesce(' of ' || each.entity, '');
        END IF;
    END LOOP;
EXCEPTION WHEN insufficient_privilege OR data_exception THEN
    -- A table of somebody else's that has the name: no reason to stop.
    RAISE WARNING 'migration_mappings and migration_control of schema public were not imported: %', SQLERRM;
END
$$;
