-- How the privileges on an object differ from those it was born with: '+grantee=PRIVILEGE' was
-- granted, '-grantee=PRIVILEGE' revoked; '*' behind it is the grant option, grantee '~' the owner, who
-- needs no such option.
-- params: none
-- columns: classid oid!, objid oid!, objsubid int4!, text text!
WITH acl AS MATERIALIZED (
    SELECT 1259::oid AS classid, c.oid AS objid, 0 AS objsubid, c.relowner AS owner, c.relacl AS acl,
           CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS sort
    FROM pg_catalog.pg_class c
    WHERE c.relacl IS NOT NULL AND c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 1259, a.attrelid, a.attnum, c.relowner, a.attacl, 'c'
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND a.attrelid >= 16384 AND NOT a.attisdropped
    UNION ALL
    SELECT 1255, oid, 0, proowner, proacl, 'f' FROM pg_catalog.pg_proc
    WHERE proacl IS NOT NULL AND oid >= 16384
    UNION ALL
    SELECT 2615, oid, 0, nspowner, nspacl, 'n' FROM pg_catalog.pg_namespace
    WHERE nspacl IS NOT NULL AND (oid >= 16384 OR oid = 2200)
    UNION ALL
    SELECT 1247, oid, 0, typowner, typacl, 'T' FROM pg_catalog.pg_type
    WHERE typacl IS NOT NULL AND oid >= 16384
    UNION ALL
    SELECT 2612, oid, 0, lanowner, lanacl, 'l' FROM pg_catalog.pg_language
    WHERE lanacl IS NOT NULL AND oid >= 16384
    UNION ALL
    SELECT 2328, oid, 0, fdwowner, fdwacl, 'F' FROM pg_catalog.pg_foreign_data_wrapper
    WHERE fdwacl IS NOT NULL AND oid >= 16384
    UNION ALL
    SELECT 1417, oid, 0, srvowner, srvacl, 'S' FROM pg_catalog.pg_foreign_server
    WHERE srvacl IS NOT NULL AND oid >= 16384
), have AS MATERIALIZED (
    SELECT a.classid, a.objid, a.objsubid, a.owner, e.grantee, e.privilege_type,
           e.is_grantable AND e.grantee <> a.owner AS is_grantable
    FROM acl a, pg_catalog.aclexplode(a.acl) e
), born AS MATERIALIZED (
    -- Those that its maker had go along with ALTER … OWNER TO.
    SELECT a.classid, a.objid, a.objsubid, a.owner,
           CASE WHEN e.grantee = e.grantor THEN a.owner ELSE e.grantee END AS grantee, e.privilege_type, e.is_grantable
    FROM acl a
    LEFT JOIN pg_catalog.pg_init_privs i
        ON i.classoid = a.classid AND i.objoid = a.objid AND i.objsubid = a.objsubid
    CROSS JOIN pg_catalog.aclexplode(
        coalesce(i.initprivs, pg_catalog.acldefault(a.sort::"char", a.owner))) e
), differs AS (
    (SELECT '+' AS sign, h.* FROM have h EXCEPT SELECT '+', b.* FROM born b)
    UNION ALL
    (SELECT '-', b.* FROM born b EXCEPT SELECT '-', h.* FROM have h)
)
SELECT d.classid, d.objid, d.objsubid,
       (d.sign || CASE WHEN d.grantee = 0 THEN 'PUBLIC' WHEN d.grantee = d.owner THEN '~'
                      ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.grantee)) END
       || '=' || d.privilege_type || CASE WHEN d.is_grantable THEN '*' ELSE '' END) COLLATE "C" AS text
FROM differs d
ORDER BY 1, 2, 3, 4;
