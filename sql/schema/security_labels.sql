-- Security labels: 'provider=label', the provider quoted where it must be.
-- params: none
-- columns: classid oid!, objid oid!, objsubid int4!, text text!
SELECT l.classoid AS classid, l.objoid AS objid, l.objsubid,
       (pg_catalog.quote_ident(l.provider) || '=' || l.label) COLLATE "C" AS text
FROM pg_catalog.pg_seclabel l
ORDER BY 1, 2, 3, 4;
