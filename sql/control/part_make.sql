-- The list of parts, made when the first of them is: which of their upgrades have run.
-- params: none
-- columns: none
CREATE TABLE IF NOT EXISTS godwit.parts (
    part       text        NOT NULL,
    number     integer     NOT NULL,
    name       text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    applied_by text        NOT NULL,
    PRIMARY KEY (part, number)
);
