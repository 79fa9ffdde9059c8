-- A block replaces another one, or goes on from one that had been replaced.
-- params: text, text, bigint, text
-- columns: tracker_switch void
SELECT godwit.tracker_switch($1, $2, $3, $4)
