-- Columns of tables, views and materialized views. attcompression is of 14: where the catalog has
-- none, the name is found outside of the subquery. Options that hold secrets are left out
-- (unrendered.sql names them). identity_type: of the sequence, where it is not the column's. pg_attver is
-- no option: minor releases of November 2026 and later keep there when the column came, for themselves.
-- params: none
-- columns: oid oid!, subid int4!, parent oid!, name text!, type text!, collation text,
--    not_null bool!, not_null_name text, identity text, identity_options text, identity_type text,
--    identity_sequence text, generated text, expression text, storage text, own_storage bool!, compression text, statistics int4, options text,
--    foreign_options text, local bool!, inherited bool!, not_null_local bool!,
--    not_null_no_inherit bool, not_null_not_valid bool, not_null_comment text
SELECT a.attrelid AS oid, a.attnum::int4 AS subid, a.attrelid AS parent, a.attname::text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
            THEN (SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname)
                  FROM pg_catalog.pg_collation co
                  JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                  WHERE co.oid = a.attcollation) END AS collation,
       a.attnotnull AS not_null,
       CASE WHEN k.conname <> left(a.relname || '_' || a.attname || '_not_null', 63)
            THEN pg_catalog.quote_ident(k.conname) END AS not_null_name,
       nullif(a.attidentity::text, '') AS identity,
       CASE WHEN seq.relnamespace <> a.relnamespace OR seq.relname <> left(a.relname || '_' || a.attname || '_seq', 63)
            THEN 'SEQUENCE NAME ' || seq.oid::pg_catalog.regclass::text || ' ' ELSE '' END
           || 'START WITH ' || seq.seqstart || ' INCREMENT BY ' || seq.seqincrement
           || ' MINVALUE ' || seq.seqmin || ' MAXVALUE ' || seq.seqmax || ' CACHE ' || seq.seqcache
           || CASE WHEN seq.seqcycle THEN ' CYCLE' ELSE '' END AS identity_options,
       CASE WHEN seq.seqtypid <> a.atttypid THEN pg_catalog.format_type(seq.seqtypid, NULL) END AS identity_type,
       seq.relname::text AS identity_sequence,
       nullif(a.attgenerated::text, '') AS generated,
       CASE WHEN a.attgenerated <> '' THEN
           (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
            WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END AS expression,
       CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN'
                         WHEN 'x' THEN 'EXTENDED' END AS storage,
       a.attstorage = t.typstorage AS own_storage,
       CASE a.compression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::int4 END AS statistics,
       (SELECT string_agg(p.option_name || '=' || pg_catalog.quote_literal(p.option_value), ', '
                          ORDER BY p.option_name COLLATE "C")
        FROM pg_catalog.pg_options_to_table(a.attoptions) p
        WHERE p.option_name <> 'pg_attver') AS options,
       (SELECT string_agg(pg_catalog.quote_ident(p.option_name) || ' ' || pg_catalog.quote_literal(p.option_value),
                          ', ' ORDER BY p.option_name COLLATE "C")
        FROM pg_catalog.pg_options_to_table(a.attfdwoptions) p
        WHERE p.option_name !~* '(pass|pwd|secret|token|credential|private|api_?key|access_?key)'
          AND p.option_value !~* '(passw(or)?d|pwd|secret)[[:space:]]*=|://[^/@:[:space:]]*:[^/@[:space:]]+@') AS foreign_options,
       a.attislocal AS local, a.attinhcount > 0 AS inherited,
       coalesce(k.conislocal, false) AS not_null_local,
       CASE WHEN k.connoinherit THEN true END AS not_null_no_inherit,
       CASE WHEN NOT k.convalidated THEN true END AS not_null_not_valid,
       pg_catalog.obj_description(k.oid, 'pg_constraint') AS not_null_comment
FROM (SELECT ''::"char" AS attcompression) AS absent
CROSS JOIN LATERAL (
    SELECT pa.*, attcompression AS compression, c.relname, c.relnamespace
    FROM pg_catalog.pg_attribute pa
    JOIN pg_catalog.pg_class c ON c.oid = pa.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE pa.attnum > 0 AND NOT pa.attisdropped
      AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.oid >= 16384 AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('information_schema', 'godwit', 'pg_toast')) AS a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN LATERAL (
    SELECT sc.oid, sc.relname, sc.relnamespace, s.*
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid
    JOIN pg_catalog.pg_class sc ON sc.oid = s.seqrelid
    WHERE d.classid = 1259 AND d.refclassid = 1259 AND d.refobjid = a.attrelid
      AND d.refobjsubid = a.attnum AND d.deptype = 'i') AS seq ON a.attidentity <> ''
LEFT JOIN pg_catalog.pg_constraint k
    ON k.contype = 'n' AND k.conrelid = a.attrelid AND k.conkey[1] = a.attnum
ORDER BY a.attrelid, a.attnum;
