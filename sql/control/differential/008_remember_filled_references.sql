-- References that close a cycle are no part of a row's fingerprints: who changed one in the destination is known by what was filled last.

CREATE TABLE godwit.sync_filled (
    entity_type  text    NOT NULL,
    key          text    COLLATE "C" NOT NULL,
    print        bigint  NOT NULL,
    columns_hash integer NOT NULL,
    PRIMARY KEY (entity_type, key)
);
COMMENT ON TABLE godwit.sync_filled IS 'What the second pass has filled of a row, as a fingerprint; a row without one has NULL there';
COMMENT ON COLUMN godwit.sync_filled.columns_hash IS 'Of which columns: another mapping fills others, of which it says nothing';
