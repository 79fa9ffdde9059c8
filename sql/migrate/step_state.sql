-- As whom a session acts, and which settings were made in it: a digest of each value, for a value may be
-- a secret. How long it waits is Godwit's; what a transaction says of itself ends with that. Where they
-- are not NULL, the transaction then goes on as the session's user ($1) and its role ($2).
-- params: text, text
-- columns: session_user text!, role text!, settings text!, acts text, acts_as text
SELECT pg_catalog.current_setting('session_authorization') AS session_user,
       pg_catalog.current_setting('role') AS role,
       COALESCE((SELECT pg_catalog.jsonb_object_agg(s.name, pg_catalog.left(pg_catalog.encode(
                    pg_catalog.sha256(pg_catalog.convert_to(s.setting, 'UTF8')), 'hex'), 16))
                 FROM pg_catalog.pg_settings s
                 WHERE s.source OPERATOR(pg_catalog.=) 'session'
                   AND s.name OPERATOR(pg_catalog.<>) ALL (ARRAY['lock_timeout', 'statement_timeout',
                       'transaction_isolation', 'transaction_read_only', 'transaction_deferrable'])),
                '{}'::pg_catalog.jsonb)::pg_catalog.text AS settings,
       CASE WHEN $1::pg_catalog.text IS NOT NULL
            THEN pg_catalog.set_config('session_authorization', $1, true) END AS acts,
       CASE WHEN $2::pg_catalog.text IS NOT NULL
            THEN pg_catalog.set_config('role', $2, true) END AS acts_as;
