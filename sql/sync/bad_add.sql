-- A row of the batch that the server refused.
-- params: bigint, text, text, text, text
-- columns: none
INSERT INTO pg_temp.gw_bad (gw_n, kind, field, message, sqlstate, place)
VALUES ($1::pg_catalog.int8, $2::pg_catalog.text, NULL, $3::pg_catalog.text, $4::pg_catalog.text,
        $5::pg_catalog.text)
ON CONFLICT (gw_n) DO NOTHING
