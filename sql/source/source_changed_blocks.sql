-- Runs of blocks that the log's summaries name, of some files of this database. cut_from: the file was cut off there, or
-- made; then first_block and end_block are empty.
-- params: bigint, pg_lsn, pg_lsn, bigint[], bigint[]
-- columns: file_node bigint!, first_block bigint, end_block bigint, cut_from bigint
-- min: 17
WITH named AS MATERIALIZED (
    SELECT DISTINCT c.relfilenode, c.relblocknumber, c.is_limit_block
    FROM pg_catalog.pg_available_wal_summaries() s
    CROSS JOIN LATERAL pg_catalog.pg_wal_summary_contents(s.tli, s.start_lsn, s.end_lsn) c
    JOIN unnest($4::pg_catalog.int8[], $5::pg_catalog.int8[]) w (file_node, tablespace)
      ON c.relfilenode = w.file_node::pg_catalog.oid AND c.reltablespace = w.tablespace::pg_catalog.oid
    JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database() AND c.reldatabase = d.oid
    WHERE s.tli = $1::pg_catalog.int8 AND s.end_lsn > $2::pg_catalog.pg_lsn AND s.start_lsn < $3::pg_catalog.pg_lsn
      AND c.relforknumber = 0)
SELECT n.relfilenode::pg_catalog.int8 AS file_node, pg_catalog.min(n.relblocknumber) AS first_block,
       pg_catalog.max(n.relblocknumber) + 1 AS end_block, NULL::pg_catalog.int8 AS cut_from
FROM (SELECT x.relfilenode, x.relblocknumber,
             x.relblocknumber - pg_catalog.row_number() OVER (PARTITION BY x.relfilenode ORDER BY x.relblocknumber) AS island
      FROM named x
      WHERE NOT x.is_limit_block) n
GROUP BY n.relfilenode, n.island
UNION ALL
SELECT n.relfilenode::pg_catalog.int8, NULL, NULL, pg_catalog.min(n.relblocknumber)
FROM named n
WHERE n.is_limit_block
GROUP BY n.relfilenode
ORDER BY 1, 2;
