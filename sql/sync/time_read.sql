-- A time that a person wrote.
-- params: text
-- columns: at timestamptz!
SELECT $1::pg_catalog.text::pg_catalog.timestamptz AS at
