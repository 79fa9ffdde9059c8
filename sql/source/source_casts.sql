-- How one type becomes another on this server: e explicitly, a by assignment, i without saying; b: it is the same bytes. In
-- the order given; a pair without a cast is left out.
-- params: oid[], oid[]
-- columns: place integer!, context text!, same_bytes boolean!
SELECT n.place::integer AS place, c.castcontext::text AS context, c.castmethod = 'b' AS same_bytes
FROM ROWS FROM (unnest($1::oid[]), unnest($2::oid[])) WITH ORDINALITY n(source, target, place)
JOIN pg_catalog.pg_cast c ON c.castsource = n.source AND c.casttarget = n.target
ORDER BY n.place;
