REVOKE ALL ON users, tokens, transactions, security_events, settings FROM sitaminter_app;
REVOKE ALL ON SEQUENCE users_id_seq, tokens_id_seq, transactions_id_seq, security_events_id_seq
    FROM sitaminter_app;
