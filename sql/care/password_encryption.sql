-- New passwords are kept as MD5.
-- params: none
-- columns: severity text, object text!, evidence text!, sql text
SELECT NULL::pg_catalog.text AS severity, 'password_encryption' AS object,
       'is ' || s.boot || ': new passwords are kept as MD5' AS evidence,
       'ALTER SYSTEM SET password_encryption = ''scram-sha-256''; SELECT pg_reload_conf()' AS sql
FROM (SELECT coalesce(s.reset_val, s.setting) AS boot FROM pg_catalog.pg_settings AS s WHERE s.name = 'password_encryption') AS s
WHERE s.boot <> 'scram-sha-256';
