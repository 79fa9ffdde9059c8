-- Rows that the source no longer has and the destination keeps: one that comes back is known by what it was.

CREATE TABLE godwit.sync_departed (
    entity_type      text   NOT NULL,
    key              text   COLLATE "C" NOT NULL,
    destination_hash bigint NOT NULL,
    PRIMARY KEY (entity_type, key)
);
COMMENT ON TABLE godwit.sync_departed IS 'Rows that are gone in the source and stay in the destination (deletes: ignore, or a mark), as they were written last';
