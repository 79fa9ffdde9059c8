-- Does the encoding of this database have all of this text? It fails where it has not.
-- params: text
-- columns: length integer!
SELECT pg_catalog.length($1::pg_catalog.text) AS length;
