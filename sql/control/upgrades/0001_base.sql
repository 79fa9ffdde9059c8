-- Godwit's own tables: what is applied, what happened, who is running.

-- IF NOT EXISTS would ask for the right to make one even where it is there.
DO $$
BEGIN
    IF pg_catalog.to_regnamespace('godwit') IS NULL THEN
        CREATE SCHEMA godwit;
        COMMENT ON SCHEMA godwit IS 'Tables of the migration tool Godwit';
    END IF;
END
$$;

CREATE TABLE godwit.control (
    id          boolean     PRIMARY KEY DEFAULT true CHECK (id),
    version     integer     NOT NULL,
    upgraded_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    upgraded_by text        NOT NULL
);
COMMENT ON TABLE godwit.control IS 'One row: the version of the tables in this schema';

CREATE TABLE godwit.migrations (
    tenant           text        NOT NULL DEFAULT '',
    service          text        NOT NULL DEFAULT '',
    version          text        NOT NULL,
    sort_key         text        NOT NULL,
    name             text        NOT NULL,
    kind             text        NOT NULL CHECK (kind IN ('versioned', 'repeatable', 'baseline', 'declared')),
    checksum         text,
    state            text        NOT NULL CHECK (state IN ('applied', 'running', 'reverting')),
    statements_done  integer     NOT NULL DEFAULT 0,
    statements_total integer     NOT NULL DEFAULT 0,
    intent           jsonb,
    transactional    boolean     NOT NULL,
    applied_at       timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    duration_ms      bigint      NOT NULL DEFAULT 0,
    applied_by       text        NOT NULL,
    applied_from     text        NOT NULL,
    godwit_version   text        NOT NULL,
    run_id           text        NOT NULL,
    backup_id        text,
    details          jsonb,
    PRIMARY KEY (tenant, service, version)
);
COMMENT ON TABLE godwit.migrations IS 'What is applied. A row commits in the transaction of its migration';
COMMENT ON COLUMN godwit.migrations.state IS 'running, reverting: a file outside a transaction that has not reached its end';
COMMENT ON COLUMN godwit.migrations.intent IS 'The statement outside a transaction that was begun last: backend, statement, object';

CREATE TABLE godwit.events (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at             timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    run_id         text        NOT NULL,
    action         text        NOT NULL,
    outcome        text        NOT NULL,
    tenant         text        NOT NULL DEFAULT '',
    service        text        NOT NULL DEFAULT '',
    version        text,
    name           text,
    actor          text        NOT NULL,
    db_user        text        NOT NULL DEFAULT session_user,
    host           text        NOT NULL,
    godwit_version text        NOT NULL,
    duration_ms    bigint,
    sqlstate       text,
    message        text,
    detail         text,
    place          text,
    data           jsonb
);
COMMENT ON TABLE godwit.events IS 'Append-only: every attempt and action with its outcome';
CREATE INDEX events_version ON godwit.events (version, id) WHERE version IS NOT NULL;
CREATE INDEX events_at ON godwit.events (at);

CREATE FUNCTION godwit.events_are_append_only() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    IF pg_catalog.current_setting('godwit.retention', true) = 'on' AND TG_OP = 'DELETE' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'godwit.events is append-only'
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Events are removed by retention rules only.';
END
$$;
CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON godwit.events
    FOR EACH STATEMENT EXECUTE FUNCTION godwit.events_are_append_only();

CREATE TABLE godwit.run_lock (
    name         text        PRIMARY KEY,
    token        text,
    mode         text        CHECK (mode IN ('session', 'lease')),
    backend_pid  integer,
    actor        text,
    host         text,
    command      text,
    acquired_at  timestamptz,
    expires_at   timestamptz
);
COMMENT ON TABLE godwit.run_lock IS 'Who is running: a session lock mirrored here, or a lease behind a pooler';
INSERT INTO godwit.run_lock (name) VALUES ('run');

CREATE FUNCTION godwit.fence(holder text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    PERFORM FROM godwit.run_lock WHERE name = 'run' AND token = holder FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this run no longer holds Godwit''s run lock'
            USING ERRCODE = 'GW001',
                  HINT = 'Another run took over. Look at its outcome, then run the command again.';
    END IF;
END
$$;
COMMENT ON FUNCTION godwit.fence(text) IS 'Run first in each transaction of a run: fails where another run took over';
