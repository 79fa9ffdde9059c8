-- Replication slots that keep log: those that nobody reads, those that are far behind, those that have lost it.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT CASE WHEN h.state IN ('lost', 'unreserved') OR h.bytes >= 10::pg_catalog.int8 * 1024 * 1024 * 1024 THEN 'error' END AS severity,
       s.slot_name::pg_catalog.text AS object,
       pg_catalog.format('%s slot%s%s, keeps %s of log', s.slot_type,
                         CASE WHEN s.active THEN '' ELSE ' that nobody reads' END,
                         CASE WHEN h.state IN ('lost', 'unreserved') THEN ', its log is ' || h.state ELSE '' END,
                         coalesce(pg_catalog.pg_size_pretty(h.bytes), 'none')) AS evidence,
       CASE WHEN NOT s.active THEN pg_catalog.format('SELECT pg_catalog.pg_drop_replication_slot(%L)', s.slot_name) END AS sql
FROM pg_catalog.pg_replication_slots AS s
CROSS JOIN LATERAL (
    SELECT pg_catalog.pg_wal_lsn_diff(CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn()
                                           ELSE pg_catalog.pg_current_wal_lsn() END, s.restart_lsn) AS bytes,
           pg_catalog.to_jsonb(s) ->> 'wal_status' AS state
) AS h
WHERE NOT s.temporary AND (NOT s.active OR h.state IN ('lost', 'unreserved') OR h.bytes >= 1024 * 1024 * 1024)
ORDER BY h.bytes DESC NULLS LAST, s.slot_name;
