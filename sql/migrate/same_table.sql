-- Do two names, quoted as they have to be, mean one relation here? Not where one is not there.
-- params: text, text
-- columns: same boolean
SELECT COALESCE(pg_catalog.to_regclass($1) OPERATOR(pg_catalog.=) pg_catalog.to_regclass($2), false) AS same;
