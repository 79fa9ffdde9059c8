-- The most and the least volatile function of each name: i, s or v. In the order given; a name that there is none of is left out.
-- params: text[], text[]
-- columns: place integer!, volatility text!, least text!
SELECT n.place::integer AS place, pg_catalog.max(p.provolatile::text) AS volatility,
       pg_catalog.min(p.provolatile::text) AS least
FROM ROWS FROM (unnest($1::text[]), unnest($2::text[])) WITH ORDINALITY n(schema, name, place)
JOIN pg_catalog.pg_proc p ON p.proname = n.name
JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace AND (n.schema = '' OR s.nspname = n.schema)
GROUP BY n.place
ORDER BY n.place;
