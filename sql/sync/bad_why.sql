-- Rows of the batch that a unique or exclusion constraint refused, by what the server calls it: a reason is added.
-- params: text, text
-- columns: none
UPDATE pg_temp.gw_bad SET message = pg_catalog.concat(message, $2::pg_catalog.text)
WHERE gw_n > 0 AND place = $1::pg_catalog.text AND sqlstate IN ('23505', '23P01')
