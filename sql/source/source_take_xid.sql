-- An id that is above those of all transactions before: needs a transaction that may write.
-- params: none
-- columns: xid bigint!
-- min: 13
SELECT pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8 AS xid;
