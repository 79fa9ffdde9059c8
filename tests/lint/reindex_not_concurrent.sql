-- bad: writers wait
REINDEX TABLE users; --!
REINDEX INDEX users_email_idx; --!
-- good: concurrently
REINDEX (VERBOSE, CONCURRENTLY) TABLE users;
