-- Fix the settings of a session for Godwit's own statements, and say where it stands. It is done
-- ($1) 'always', 'never', or 'direct': only where the backend is the one ($2) that the protocol
-- named, because behind a pooler the settings would stay for the next client. $3 is lock_timeout;
-- $4 = true sets them for the transaction only. It runs with the role's search_path.
-- params: text, integer, text, boolean
-- columns: pid integer!, role text!, is_read_only boolean!, is_pinned boolean!
-- min: 12
SELECT pg_catalog.pg_backend_pid() AS pid,
       current_user::pg_catalog.text AS role,
       pg_catalog.current_setting('transaction_read_only')::pg_catalog.bool AS is_read_only,
       CASE WHEN $1::pg_catalog.text OPERATOR(pg_catalog.=) 'always'
                 OR ($1::pg_catalog.text OPERATOR(pg_catalog.=) 'direct'
                     AND pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) $2::pg_catalog.int4)
            THEN pg_catalog.concat(
                pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', $4::pg_catalog.bool),
                pg_catalog.set_config('TimeZone', 'UTC', $4::pg_catalog.bool),
                pg_catalog.set_config('DateStyle', 'ISO, YMD', $4::pg_catalog.bool),
                pg_catalog.set_config('IntervalStyle', 'iso_8601', $4::pg_catalog.bool),
                pg_catalog.set_config('extra_float_digits', '3', $4::pg_catalog.bool),
                pg_catalog.set_config('bytea_output', 'hex', $4::pg_catalog.bool),
                pg_catalog.set_config('client_min_messages', 'warning', $4::pg_catalog.bool),
                pg_catalog.set_config('jit', 'off', $4::pg_catalog.bool),
                pg_catalog.set_config('lock_timeout', $3::pg_catalog.text, $4::pg_catalog.bool),
                pg_catalog.set_config('statement_timeout', '0', $4::pg_catalog.bool),
                pg_catalog.set_config('default_transaction_isolation', 'read committed',
                                      $4::pg_catalog.bool),
                pg_catalog.set_config('idle_in_transaction_session_timeout', '0',
                                      $4::pg_catalog.bool),
                CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4
                          OPERATOR(pg_catalog.>=) 140000
                     THEN pg_catalog.set_config('idle_session_timeout', '0',
                                                $4::pg_catalog.bool) END,
                CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4
                          OPERATOR(pg_catalog.>=) 170000
                     THEN pg_catalog.set_config('transaction_timeout', '0',
                                                $4::pg_catalog.bool) END
            ) IS NOT NULL
            ELSE false END AS is_pinned;
