-- As whom this transaction goes on: the session's user ($1) and its role ($2).
-- params: text, text
-- columns: session_user text, role text
SELECT pg_catalog.set_config('session_authorization', $1, true) AS session_user,
       pg_catalog.set_config('role', $2, true) AS role;
