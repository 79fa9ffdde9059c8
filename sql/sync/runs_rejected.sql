-- What a session's runs have rejected (those of one run's entity; NULL: all) is what the quarantine has of them: a row that another attempt
-- rejects again is one row. What still counts as written is told apart by another statement.
-- params: uuid, uuid
-- columns: none
UPDATE godwit.migration_control c
SET records_rejected = n.rejected
FROM (SELECT a.run_id, (SELECT pg_catalog.count(*) FROM godwit.sync_rejects q
                        WHERE q.run_id = a.run_id
                          AND NOT (q.rule IS NOT DISTINCT FROM 'second pass'
                                   AND EXISTS (SELECT FROM godwit.sync_later l WHERE l.entity_type = q.entity_type
                                               AND l.key = q.key AND l.run_id = q.run_id))) AS rejected
      FROM godwit.migration_control a WHERE a.migration_session_id = $1::pg_catalog.uuid) n
WHERE c.run_id = n.run_id AND c.records_rejected <> n.rejected
  AND ($2::pg_catalog.uuid IS NULL
       OR c.entity_type = (SELECT o.entity_type FROM godwit.migration_control o WHERE o.run_id = $2::pg_catalog.uuid))
