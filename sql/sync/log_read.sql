-- Lines of the log, the oldest first: of a session, an entity, of these levels, since a moment; at most so many of the newest.
-- params: text, text, text, timestamptz, bigint
-- columns: id text!, session text, entity text!, operation text!, record text, level text!, message text!, error text,
--   performance text, context text!, at timestamptz!
SELECT n.id, n.session, n.entity, n.operation, n.record, n.level, n.message, n.error, n.performance, n.context, n.at
FROM (SELECT l.id::pg_catalog.text AS id, l.migration_session_id::pg_catalog.text AS session, l.entity_type AS entity,
             l.operation_type AS operation, l.record_id AS record, l.log_level AS level, l.message,
             l.error_details::pg_catalog.text AS error, l.performance_data::pg_catalog.text AS performance,
             l.context_data::pg_catalog.text AS context, l."timestamp" AS at
      FROM godwit.migration_execution_logs l
      WHERE ($1::pg_catalog.text IS NULL OR l.migration_session_id = $1::pg_catalog.uuid)
        AND ($2::pg_catalog.text IS NULL OR l.entity_type = $2::pg_catalog.text)
        AND $3::pg_catalog.text::pg_catalog.jsonb ? l.log_level
        AND ($4::timestamptz IS NULL OR l."timestamp" >= $4::timestamptz)
      ORDER BY l."timestamp" DESC, l.id DESC
      LIMIT $5::pg_catalog.int8) n
ORDER BY n.at, n.id
