-- When upkeep last did this well, not before a time; NULL: not since then.
-- params: text, timestamptz
-- columns: at timestamptz
SELECT pg_catalog.max(e.at) AS at FROM godwit.events AS e
WHERE e.at >= $2 AND e.action = 'maintain' AND e.outcome = 'ok' AND e.name = $1;
