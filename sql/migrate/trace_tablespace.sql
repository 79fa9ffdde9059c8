-- Has the target this tablespace?
-- params: text
-- columns: known bool!
SELECT EXISTS (SELECT FROM pg_catalog.pg_tablespace AS s
               WHERE s.spcname = $1::pg_catalog.text::pg_catalog.name) AS known;
