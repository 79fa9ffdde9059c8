-- Is a role needed by another database than this one?
-- params: text
-- columns: needed boolean!
-- min: 12
SELECT EXISTS (
           SELECT
             FROM pg_catalog.pg_shdepend AS d
             JOIN pg_catalog.pg_roles AS r ON r.oid = d.refobjid
            WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
              AND r.rolname = $1::pg_catalog.text
              AND d.dbid <> 0
              AND d.dbid <> (SELECT o.oid
                               FROM pg_catalog.pg_database AS o
                              WHERE o.datname = pg_catalog.current_database())
       ) AS needed;
