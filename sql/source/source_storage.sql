-- The leaves of tables and what they are stored in: now, and as this transaction's snapshot sees it. shape: everything
-- that makes other values of the same bytes: columns, defaults, generated columns, types with their labels and attributes,
-- whether row security hides some. Types that came with the server (below 16384, FirstNormalObjectId) stay as they are and
-- are not looked into; OFFSET 0 keeps what is asked for each of the few rows from being joined with the whole catalog.
-- params: bigint[]
-- columns: relation bigint!, oid bigint!, schema text!, name text!, kind text!, file_node bigint, file_node_seen bigint,
--   tablespace bigint!, unlogged boolean!, row_security boolean!, blocks bigint!, shape text!
WITH RECURSIVE leaf AS (
    SELECT r.oid AS relation, l.relid
    FROM pg_catalog.pg_class r
    CROSS JOIN LATERAL (SELECT r.oid AS relid WHERE r.relkind <> 'p'
                        UNION ALL SELECT p.relid FROM pg_catalog.pg_partition_tree(r.oid) p
                        WHERE r.relkind = 'p' AND p.isleaf) l
    WHERE r.oid = ANY ($1::pg_catalog.int8[]::pg_catalog.oid[])),
used (relid, type) AS (
    SELECT l.relid, x.type
    FROM leaf l
    CROSS JOIN LATERAL (
        SELECT a.atttypid AS type
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = l.relid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid >= 16384
        OFFSET 0) x
    UNION
    SELECT u.relid, x.type
    FROM used u
    CROSS JOIN LATERAL (
        SELECT y.type
        FROM pg_catalog.pg_type t
        CROSS JOIN LATERAL (
            SELECT t.typelem AS type
            UNION ALL SELECT t.typbasetype
            UNION ALL SELECT g.rngsubtype FROM pg_catalog.pg_range g WHERE g.rngtypid = t.oid
            UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
                      WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped AND t.typtype = 'c') y
        WHERE t.oid = u.type AND y.type >= 16384
        OFFSET 0) x),
words AS (
    SELECT l.relid, x.word
    FROM leaf l
    CROSS JOIN LATERAL (
        SELECT pg_catalog.concat_ws(' ', 'c', a.attnum, pg_catalog.quote_ident(a.attname), a.atttypid, a.atttypmod,
                                    a.attcollation, a.attgenerated, pg_catalog.pg_get_expr(d.adbin, d.adrelid)) AS word
        FROM pg_catalog.pg_attribute a
        LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = l.relid AND a.attnum > 0 AND NOT a.attisdropped
        OFFSET 0) x
    UNION ALL
    SELECT u.relid, x.word
    FROM used u
    CROSS JOIN LATERAL (
        SELECT pg_catalog.concat_ws(' ', 'e', e.enumtypid, e.oid, pg_catalog.quote_ident(e.enumlabel)) AS word
        FROM pg_catalog.pg_enum e
        WHERE e.enumtypid = u.type
        UNION ALL
        SELECT pg_catalog.concat_ws(' ', 'a', t.oid, a.attnum, pg_catalog.quote_ident(a.attname), a.atttypid, a.atttypmod)
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE t.oid = u.type AND t.typtype = 'c'
        OFFSET 0) x
    UNION ALL
    SELECT l.relid, 'row security' FROM leaf l
    WHERE pg_catalog.row_security_active(l.relid) OR pg_catalog.row_security_active(l.relation))
SELECT l.relation::pg_catalog.int8 AS relation, c.oid::pg_catalog.int8 AS oid, n.nspname::pg_catalog.text AS schema,
       c.relname::pg_catalog.text AS name, c.relkind::pg_catalog.text AS kind,
       pg_catalog.pg_relation_filenode(c.oid)::pg_catalog.int8 AS file_node,
       nullif(c.relfilenode, 0)::pg_catalog.int8 AS file_node_seen,
       coalesce(nullif(c.reltablespace, 0), d.dattablespace)::pg_catalog.int8 AS tablespace,
       c.relpersistence = 'u' AS unlogged, pg_catalog.row_security_active(c.oid) OR pg_catalog.row_security_active(l.relation)
       AS row_security,
       CASE WHEN c.relkind IN ('r', 'm')
            THEN pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int8
            ELSE 0 END AS blocks,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(coalesce(w.words, ''), 'UTF8')), 'hex') AS shape
FROM leaf l
JOIN pg_catalog.pg_class c ON c.oid = l.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
LEFT JOIN (SELECT relid, pg_catalog.string_agg(word, E'\n' ORDER BY word COLLATE "C") AS words FROM words GROUP BY relid) w
  ON w.relid = l.relid
ORDER BY l.relation, c.oid;
