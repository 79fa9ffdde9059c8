-- Has any relation of any schema one of these names ($1), or stands one of them twice among them?
-- params: text[]
-- columns: taken boolean!
SELECT pg_catalog.cardinality($1::pg_catalog.text[]) OPERATOR(pg_catalog.<>) (
           SELECT pg_catalog.count(DISTINCT s.name) FROM pg_catalog.unnest($1) AS s (name))
       OR EXISTS (
           SELECT FROM pg_catalog.pg_class AS c
           WHERE c.relname OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.name[])) AS taken;
