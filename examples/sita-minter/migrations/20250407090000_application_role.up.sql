-- What a service may do: no DDL, no DELETE, nothing to the security events but add to them, and of the settings
-- only read. The role is roles.sql's.
GRANT SELECT, INSERT, UPDATE ON users, tokens, transactions TO sitaminter_app;
GRANT SELECT, INSERT ON security_events TO sitaminter_app;
GRANT SELECT ON settings TO sitaminter_app;
GRANT USAGE ON SEQUENCE users_id_seq, tokens_id_seq, transactions_id_seq, security_events_id_seq
    TO sitaminter_app;
