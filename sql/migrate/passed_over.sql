-- What has the name $1 in the schema $2 (NULL: where names without one are made), and in what it is unlike
-- pg_temp."godwit trial": a row a difference, `part` a column or a property of a sequence; what one side lacks is
-- NULL there. One row without a part: there is none.
-- params: name, name
-- columns: code text!, schema name!, part text, there text, wanted text
WITH o AS (
    SELECT c.oid, c.relkind, n.nspname
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE c.relname OPERATOR(pg_catalog.=) $1::pg_catalog.name
      AND n.nspname OPERATOR(pg_catalog.=) COALESCE($2::pg_catalog.name, pg_catalog.current_schema())
), t AS (
    SELECT c.oid, c.relkind
    FROM pg_catalog.pg_class AS c
    WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('pg_temp."godwit trial"')::pg_catalog.oid
), c AS (
    SELECT a.attrelid, a.attname, a.attnum, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
), d AS (
    SELECT COALESCE(h.attname, w.attname)::pg_catalog.text AS part, h.type AS there, w.type AS wanted,
           COALESCE(h.attnum, w.attnum)::pg_catalog.int4 AS place
    FROM (SELECT c.* FROM c JOIN o ON c.attrelid OPERATOR(pg_catalog.=) o.oid AND o.relkind OPERATOR(pg_catalog.<>) 'S') AS h
    FULL JOIN (SELECT c.* FROM c JOIN t ON c.attrelid OPERATOR(pg_catalog.=) t.oid AND t.relkind OPERATOR(pg_catalog.<>) 'S') AS w
      ON h.attname OPERATOR(pg_catalog.=) w.attname
    WHERE COALESCE(h.type, '') OPERATOR(pg_catalog.<>) COALESCE(w.type, '')
    UNION ALL
    SELECT v.part, v.there, v.wanted, v.place
    FROM o
    JOIN pg_catalog.pg_sequence AS h ON h.seqrelid OPERATOR(pg_catalog.=) o.oid
    CROSS JOIN t
    JOIN pg_catalog.pg_sequence AS w ON w.seqrelid OPERATOR(pg_catalog.=) t.oid
    CROSS JOIN LATERAL (VALUES
        (1, 'AS', pg_catalog.format_type(h.seqtypid, NULL), pg_catalog.format_type(w.seqtypid, NULL)),
        (2, 'START', h.seqstart::pg_catalog.text, w.seqstart::pg_catalog.text),
        (3, 'INCREMENT', h.seqincrement::pg_catalog.text, w.seqincrement::pg_catalog.text),
        (4, 'MINVALUE', h.seqmin::pg_catalog.text, w.seqmin::pg_catalog.text),
        (5, 'MAXVALUE', h.seqmax::pg_catalog.text, w.seqmax::pg_catalog.text),
        (6, 'CACHE', h.seqcache::pg_catalog.text, w.seqcache::pg_catalog.text),
        (7, 'CYCLE', h.seqcycle::pg_catalog.text, w.seqcycle::pg_catalog.text)
    ) AS v (place, part, there, wanted)
    WHERE v.there OPERATOR(pg_catalog.<>) v.wanted
)
SELECT o.relkind::pg_catalog.text AS code, o.nspname AS schema, d.part, d.there, d.wanted
FROM o LEFT JOIN d ON true
ORDER BY d.place;
