-- Checkpoints that were completed before a time go, where their session has ended; those of a session that may go on never.
-- params: timestamptz
-- columns: none
DELETE FROM godwit.migration_checkpoints AS c
USING godwit.migration_status_tracking AS s
WHERE s.migration_session_id = c.migration_session_id AND s.overall_status IN ('completed', 'failed')
  AND s.completed_at < $1 AND c.state = 'completed' AND c.updated_at < $1;
