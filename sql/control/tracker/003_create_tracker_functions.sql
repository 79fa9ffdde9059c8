-- Legal steps of stages, what is kept by the database, the views without what is deleted; counts added and taken back.

-- The setting godwit.tracker_derive is on where a stage is made to follow what blocks say of it: a fork may lead back.
CREATE FUNCTION godwit.tracker_stage_step() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
DECLARE
    derived boolean := coalesce(current_setting('godwit.tracker_derive', true), '') = 'on';
    -- Stages of one batch begin at one time: which came first, their blocks say.
    at      timestamptz := CASE WHEN derived THEN now() ELSE clock_timestamp() END;
    legal   text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status NOT IN ('pending', 'ongoing') AND NOT derived THEN
            RAISE EXCEPTION 'stage "%" begins as pending or ongoing, not as %', NEW.stage_name, NEW.status
                USING ERRCODE = 'GW002';
        END IF;
        NEW.started_at := NULL;
        NEW.completed_at := NULL;
    ELSE
        IF NEW.status <> OLD.status AND NOT derived AND (OLD.status, NEW.status) NOT IN (
            ('pending', 'ongoing'), ('ongoing', 'completed'), ('ongoing', 'failed'), ('failed', 'ongoing')) THEN
            legal := CASE OLD.status WHEN 'pending' THEN 'From pending it can go to ongoing.'
                                     WHEN 'ongoing' THEN 'From ongoing it can go to completed or failed.'
                                     WHEN 'failed' THEN 'From failed it can go to ongoing: it is tried again.'
                                     ELSE 'A completed stage stays completed.' END;
            RAISE EXCEPTION 'stage "%" of tracker "%" cannot go from % to %', NEW.stage_name, NEW.tracker, OLD.status,
                NEW.status USING ERRCODE = 'GW002', DETAIL = legal;
        END IF;
        IF NEW.error_count < OLD.error_count AND NOT derived THEN
            RAISE EXCEPTION 'the errors of stage "%" are counted: % cannot become %', NEW.stage_name, OLD.error_count,
                NEW.error_count USING ERRCODE = 'GW002';
        END IF;
        IF NEW.tracker <> OLD.tracker OR NEW.stage_name <> OLD.stage_name OR NEW.id <> OLD.id THEN
            RAISE EXCEPTION 'stage "%" of tracker "%" keeps its names', OLD.stage_name, OLD.tracker
                USING ERRCODE = 'GW002';
        END IF;
        NEW.started_at := OLD.started_at;
        NEW.completed_at := OLD.completed_at;
        IF NEW.status = 'failed' AND OLD.status <> 'failed' AND NOT derived AND NEW.error_count = OLD.error_count THEN
            NEW.error_count := OLD.error_count + 1;
        END IF;
    END IF;
    IF NEW.status = 'pending' THEN
        NEW.started_at := NULL;
    ELSE
        NEW.started_at := coalesce(NEW.started_at, at);
    END IF;
    IF NEW.status IN ('completed', 'failed') THEN
        IF TG_OP = 'INSERT' OR NEW.status <> OLD.status THEN
            NEW.completed_at := at;
        END IF;
    ELSE
        NEW.completed_at := NULL;
    END IF;
    NEW.paused := NEW.paused AND NEW.status = 'ongoing';
    NEW.last_updated := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER migration_stages_step BEFORE INSERT OR UPDATE ON godwit.migration_stages
    FOR EACH ROW EXECUTE FUNCTION godwit.tracker_stage_step();

CREATE FUNCTION godwit.tracker_touch() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    NEW.last_updated := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER xcm_message_counters_touch BEFORE INSERT OR UPDATE ON godwit.xcm_message_counters
    FOR EACH ROW EXECUTE FUNCTION godwit.tracker_touch();
CREATE TRIGGER balance_migration_counters_touch BEFORE INSERT OR UPDATE ON godwit.balance_migration_counters
    FOR EACH ROW EXECUTE FUNCTION godwit.tracker_touch();
CREATE TRIGGER teleportation_counters_touch BEFORE INSERT OR UPDATE ON godwit.teleportation_counters
    FOR EACH ROW EXECUTE FUNCTION godwit.tracker_touch();

CREATE FUNCTION godwit.tracker_pallet_touch() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.items_declared IS NOT NULL OR NEW.items_received > 0 THEN
            NEW.total_items := coalesce(NEW.items_declared, NEW.items_received);
        END IF;
    ELSIF NEW.items_declared IS DISTINCT FROM OLD.items_declared OR NEW.items_received <> OLD.items_received THEN
        NEW.total_items := coalesce(NEW.items_declared, NEW.items_received);
    END IF;
    NEW.last_updated := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER pallet_migration_counters_touch BEFORE INSERT OR UPDATE ON godwit.pallet_migration_counters
    FOR EACH ROW EXECUTE FUNCTION godwit.tracker_pallet_touch();

CREATE VIEW godwit.live_migration_stages AS
    SELECT id, tracker, stage_name, status, started_at, completed_at, error_count, last_updated, paused, note
    FROM godwit.migration_stages WHERE deleted_at IS NULL;
CREATE VIEW godwit.live_xcm_message_counters AS
    SELECT id, tracker, source_chain, destination_chain, messages_sent, messages_processed, messages_failed, last_updated
    FROM godwit.xcm_message_counters WHERE deleted_at IS NULL;
CREATE VIEW godwit.live_balance_migration_counters AS
    SELECT id, tracker, accounts_migrated, total_balance_migrated, total_balance_kept, failed_migrations, last_updated
    FROM godwit.balance_migration_counters WHERE deleted_at IS NULL;
CREATE VIEW godwit.live_teleportation_counters AS
    SELECT id, tracker, total_mints, total_burns, total_mint_amount, total_burn_amount, failed_operations, last_updated
    FROM godwit.teleportation_counters WHERE deleted_at IS NULL;
CREATE VIEW godwit.live_pallet_migration_counters AS
    SELECT p.id, p.tracker, p.pallet_name, p.stage_id, p.items_processed, p.total_items, p.failed_items, p.last_updated
    FROM godwit.pallet_migration_counters p
    JOIN godwit.migration_stages s ON s.id = p.stage_id
    WHERE p.deleted_at IS NULL AND s.deleted_at IS NULL;

-- Sums, in one statement a table, in one order everywhere so that writers wait for each other and never in a circle:
-- {"s": [[stage, errors]], "p": [[pallet, stage, processed, received, failed, declared]], "x": [[source, destination, sent,
-- processed, failed]], "b": [accounts, migrated, kept, failed], "t": [mints, burns, mint amount, burn amount, failed]}
CREATE FUNCTION godwit.tracker_add(of_tracker text, sums jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    -- A stage that something was counted in has begun.
    IF sums ?| ARRAY['s', 'p'] THEN
        INSERT INTO godwit.migration_stages AS m (tracker, stage_name, status, error_count)
        SELECT of_tracker, n.name, 'ongoing', sum(n.errors)
        FROM (SELECT s ->> 0, (s ->> 1)::bigint FROM jsonb_array_elements(sums -> 's') s
              UNION ALL
              SELECT p ->> 1, 0 FROM jsonb_array_elements(sums -> 'p') p) n(name, errors)
        LEFT JOIN godwit.migration_stages h ON h.tracker = of_tracker AND h.stage_name = n.name
        WHERE n.errors > 0 OR h.id IS NULL OR h.status = 'pending'
        GROUP BY n.name ORDER BY n.name
        ON CONFLICT (tracker, stage_name) DO UPDATE SET
            status = CASE WHEN m.status = 'pending' THEN 'ongoing'::godwit.tracker_status ELSE m.status END,
            error_count = m.error_count + excluded.error_count;
    END IF;
    IF sums ? 'p' THEN
        INSERT INTO godwit.pallet_migration_counters AS c (tracker, pallet_name, stage_id, items_processed, items_received,
                                                           failed_items, items_declared)
        SELECT of_tracker, p ->> 0, h.id, (p ->> 2)::bigint, (p ->> 3)::bigint, (p ->> 4)::bigint, (p ->> 5)::bigint
        FROM jsonb_array_elements(sums -> 'p') p
        JOIN godwit.migration_stages h ON h.tracker = of_tracker AND h.stage_name = p ->> 1
        ORDER BY p ->> 0, h.id
        ON CONFLICT (tracker, pallet_name, stage_id) DO UPDATE SET
            items_processed = c.items_processed + excluded.items_processed,
            items_received = c.items_received + excluded.items_received,
            failed_items = c.failed_items + excluded.failed_items,
            items_declared = coalesce(excluded.items_declared, c.items_declared);
    END IF;
    IF sums ? 'x' THEN
        INSERT INTO godwit.xcm_message_counters AS c (tracker, source_chain, destination_chain, messages_sent,
                                                      messages_processed, messages_failed)
        SELECT of_tracker, x ->> 0, x ->> 1, (x ->> 2)::bigint, (x ->> 3)::bigint, (x ->> 4)::bigint
        FROM jsonb_array_elements(sums -> 'x') x
        ORDER BY x ->> 0, x ->> 1
        ON CONFLICT (tracker, source_chain, destination_chain) DO UPDATE SET
            messages_sent = c.messages_sent + excluded.messages_sent,
            messages_processed = c.messages_processed + excluded.messages_processed,
            messages_failed = c.messages_failed + excluded.messages_failed;
    END IF;
    IF sums ? 'b' THEN
        INSERT INTO godwit.balance_migration_counters AS c (tracker, accounts_migrated, total_balance_migrated,
                                                            total_balance_kept, failed_migrations)
        SELECT of_tracker, (b ->> 0)::bigint, (b ->> 1)::numeric, (b ->> 2)::numeric, (b ->> 3)::bigint
        FROM (SELECT sums -> 'b') v(b) WHERE b IS NOT NULL
        ON CONFLICT (tracker) DO UPDATE SET
            accounts_migrated = c.accounts_migrated + excluded.accounts_migrated,
            total_balance_migrated = c.total_balance_migrated + excluded.total_balance_migrated,
            total_balance_kept = c.total_balance_kept + excluded.total_balance_kept,
            failed_migrations = c.failed_migrations + excluded.failed_migrations;
    END IF;
    IF sums ? 't' THEN
        INSERT INTO godwit.teleportation_counters AS c (tracker, total_mints, total_burns, total_mint_amount,
                                                        total_burn_amount, failed_operations)
        SELECT of_tracker, (t ->> 0)::bigint, (t ->> 1)::bigint, (t ->> 2)::numeric, (t ->> 3)::numeric, (t ->> 4)::bigint
        FROM (SELECT sums -> 't') v(t) WHERE t IS NOT NULL
        ON CONFLICT (tracker) DO UPDATE SET
            total_mints = c.total_mints + excluded.total_mints,
            total_burns = c.total_burns + excluded.total_burns,
            total_mint_amount = c.total_mint_amount + excluded.total_mint_amount,
            total_burn_amount = c.total_burn_amount + excluded.total_burn_amount,
            failed_operations = c.failed_operations + excluded.failed_operations;
    END IF;
END
$$;

CREATE FUNCTION godwit.tracker_take_back(of_tracker text, sums jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    SET godwit.tracker_derive = 'on'
    AS $$
BEGIN
    IF sums ? 's' THEN
        UPDATE godwit.migration_stages m SET error_count = m.error_count - (s ->> 1)::bigint
        FROM jsonb_array_elements(sums -> 's') s
        WHERE m.tracker = of_tracker AND m.stage_name = s ->> 0 AND (s ->> 1)::bigint > 0;
    END IF;
    IF sums ? 'p' THEN
        UPDATE godwit.pallet_migration_counters c SET
            items_processed = c.items_processed - (p ->> 2)::bigint,
            items_received = c.items_received - (p ->> 3)::bigint,
            failed_items = c.failed_items - (p ->> 4)::bigint
        FROM jsonb_array_elements(sums -> 'p') p
        JOIN godwit.migration_stages h ON h.tracker = of_tracker AND h.stage_name = p ->> 1
        WHERE c.tracker = of_tracker AND c.pallet_name = p ->> 0 AND c.stage_id = h.id;
    END IF;
    IF sums ? 'x' THEN
        UPDATE godwit.xcm_message_counters c SET
            messages_sent = c.messages_sent - (x ->> 2)::bigint,
            messages_processed = c.messages_processed - (x ->> 3)::bigint,
            messages_failed = c.messages_failed - (x ->> 4)::bigint
        FROM jsonb_array_elements(sums -> 'x') x
        WHERE c.tracker = of_tracker AND c.source_chain = x ->> 0 AND c.destination_chain = x ->> 1;
    END IF;
    IF sums ? 'b' THEN
        UPDATE godwit.balance_migration_counters c SET
            accounts_migrated = c.accounts_migrated - (b ->> 0)::bigint,
            total_balance_migrated = c.total_balance_migrated - (b ->> 1)::numeric,
            total_balance_kept = c.total_balance_kept - (b ->> 2)::numeric,
            failed_migrations = c.failed_migrations - (b ->> 3)::bigint
        FROM (SELECT sums -> 'b') v(b) WHERE c.tracker = of_tracker AND b IS NOT NULL;
    END IF;
    IF sums ? 't' THEN
        UPDATE godwit.teleportation_counters c SET
            total_mints = c.total_mints - (t ->> 0)::bigint,
            total_burns = c.total_burns - (t ->> 1)::bigint,
            total_mint_amount = c.total_mint_amount - (t ->> 2)::numeric,
            total_burn_amount = c.total_burn_amount - (t ->> 3)::numeric,
            failed_operations = c.failed_operations - (t ->> 4)::bigint
        FROM (SELECT sums -> 't') v(t) WHERE c.tracker = of_tracker AND t IS NOT NULL;
    END IF;
END
$$;

-- Stages are made to stand as the live blocks say: of each chain the last step; a stage that one chain is still at goes on.
CREATE FUNCTION godwit.tracker_derive(of_tracker text, stages text[]) RETURNS void
    LANGUAGE sql
    SET search_path = pg_catalog
    SET godwit.tracker_derive = 'on'
    AS $$
    INSERT INTO godwit.migration_stages AS m (tracker, stage_name, status, paused)
    SELECT of_tracker, n.name, v.status, v.paused
    FROM (SELECT DISTINCT unnest(stages) COLLATE "C") n(name)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN bool_or(l.step = 'fail') THEN 'failed'
                    WHEN bool_or(l.step IN ('start', 'pause', 'resume')) THEN 'ongoing'
                    WHEN bool_or(l.step = 'complete') THEN 'completed'
                    WHEN EXISTS (SELECT FROM godwit.pallet_migration_counters c JOIN godwit.migration_stages h
                                 ON h.id = c.stage_id WHERE h.tracker = of_tracker AND h.stage_name = n.name)
                    THEN 'ongoing' ELSE 'pending' END::godwit.tracker_status,
               coalesce(bool_or(l.step = 'pause') AND NOT bool_or(l.step = 'fail'), false)
        FROM (SELECT DISTINCT ON (t.chain) t.step
              FROM godwit.tracker_steps t
              JOIN godwit.tracker_blocks b USING (tracker, chain, number, hash)
              WHERE t.tracker = of_tracker AND t.stage_name = n.name AND b.live
              ORDER BY t.chain, t.number DESC, t.place DESC) l) v(status, paused)
    ORDER BY n.name
    ON CONFLICT (tracker, stage_name) DO UPDATE SET status = excluded.status, paused = excluded.paused
    WHERE m.status <> excluded.status OR m.paused <> excluded.paused
$$;

-- Balances that blocks say as totals: of each chain those of the highest live block that says any.
CREATE FUNCTION godwit.tracker_totals(of_tracker text) RETURNS void
    LANGUAGE sql
    SET search_path = pg_catalog
    AS $$
    INSERT INTO godwit.balance_migration_counters AS m (tracker, total_balance_migrated, total_balance_kept, said_migrated,
                                                        said_kept)
    SELECT of_tracker, l.migrated, l.kept, l.migrated, l.kept
    FROM (SELECT coalesce(sum(b.migrated), 0), coalesce(sum(b.kept), 0)
          FROM (SELECT DISTINCT ON (chain) migrated, kept FROM godwit.tracker_blocks
                WHERE tracker = of_tracker AND live AND kept IS NOT NULL
                ORDER BY chain, number DESC) b) l(migrated, kept)
    ON CONFLICT (tracker) DO UPDATE SET
        total_balance_migrated = m.total_balance_migrated - m.said_migrated + excluded.said_migrated,
        total_balance_kept = m.total_balance_kept - m.said_kept + excluded.said_kept,
        said_migrated = excluded.said_migrated,
        said_kept = excluded.said_kept
    WHERE m.said_migrated <> excluded.said_migrated OR m.said_kept <> excluded.said_kept
$$;

-- A block, in the table and not live, becomes the one of its number. What it replaces is taken back, with what was built
-- on that; ancestors that had been replaced come back. The caller holds the chain's lock.
CREATE FUNCTION godwit.tracker_switch(of_tracker text, of_chain text, of_number bigint, to_hash text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
DECLARE
    comes   godwit.tracker_blocks;
    goes    godwit.tracker_blocks;
    at      bigint := of_number;
    wanted  text := to_hash;
    touched text[] := '{}';
    said    boolean := false;
BEGIN
    LOOP
        SELECT * INTO comes FROM godwit.tracker_blocks b
        WHERE b.tracker = of_tracker AND b.chain = of_chain AND b.number = at AND b.hash = wanted AND NOT b.live;
        EXIT WHEN NOT FOUND;
        UPDATE godwit.tracker_blocks b SET live = false
        WHERE b.tracker = of_tracker AND b.chain = of_chain AND b.number = at AND b.live RETURNING * INTO goes;
        IF FOUND THEN
            PERFORM godwit.tracker_take_back(of_tracker, goes.deltas);
            said := said OR goes.kept IS NOT NULL;
            touched := touched || ARRAY(SELECT t.stage_name FROM godwit.tracker_steps t WHERE t.tracker = of_tracker
                AND t.chain = of_chain AND t.number = goes.number AND t.hash = goes.hash);
            LOOP
                UPDATE godwit.tracker_blocks b SET live = false
                WHERE b.tracker = of_tracker AND b.chain = of_chain AND b.number = goes.number + 1
                  AND b.parent = goes.hash AND b.live RETURNING * INTO goes;
                EXIT WHEN NOT FOUND;
                PERFORM godwit.tracker_take_back(of_tracker, goes.deltas);
                said := said OR goes.kept IS NOT NULL;
                touched := touched || ARRAY(SELECT t.stage_name FROM godwit.tracker_steps t
                    WHERE t.tracker = of_tracker AND t.chain = of_chain AND t.number = goes.number AND t.hash = goes.hash);
            END LOOP;
        END IF;
        UPDATE godwit.tracker_blocks b SET live = true
        WHERE b.tracker = of_tracker AND b.chain = of_chain AND b.number = at AND b.hash = wanted;
        PERFORM godwit.tracker_add(of_tracker, comes.deltas);
        said := said OR comes.kept IS NOT NULL;
        touched := touched || ARRAY(SELECT t.stage_name FROM godwit.tracker_steps t WHERE t.tracker = of_tracker
            AND t.chain = of_chain AND t.number = at AND t.hash = wanted);
        at := at - 1;
        wanted := comes.parent;
    END LOOP;
    IF touched <> '{}' THEN
        PERFORM godwit.tracker_derive(of_tracker, touched);
    END IF;
    IF said THEN
        PERFORM godwit.tracker_totals(of_tracker);
    END IF;
END
$$;

-- One step of a stage, which is made where it is not there. The text is what stands against it; NULL: it was done.
CREATE FUNCTION godwit.tracker_step(of_tracker text, stage text, step text, why text) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
DECLARE
    reason text;
BEGIN
    INSERT INTO godwit.migration_stages (tracker, stage_name) VALUES (of_tracker, stage)
    ON CONFLICT (tracker, stage_name) DO NOTHING;
    IF step IN ('pause', 'resume') THEN
        UPDATE godwit.migration_stages m SET paused = (step = 'pause'), note = coalesce(why, m.note)
        WHERE m.tracker = of_tracker AND m.stage_name = stage AND m.status = 'ongoing';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'stage "%" is not ongoing: it cannot %', stage, step
                USING ERRCODE = 'GW002', DETAIL = 'From pending and from failed it can start.';
        END IF;
        RETURN NULL;
    END IF;
    UPDATE godwit.migration_stages m
    SET status = CASE step WHEN 'start' THEN 'ongoing' WHEN 'complete' THEN 'completed' ELSE 'failed' END::godwit.tracker_status,
        note = CASE WHEN step = 'fail' THEN why ELSE NULL END, paused = false
    WHERE m.tracker = of_tracker AND m.stage_name = stage
      AND (m.status::text, step) NOT IN (('ongoing', 'start'), ('completed', 'complete'), ('failed', 'fail'));
    RETURN NULL;
EXCEPTION WHEN SQLSTATE 'GW002' THEN
    GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
    RETURN SQLERRM || coalesce('. ' || nullif(reason, ''), '');
END
$$;
