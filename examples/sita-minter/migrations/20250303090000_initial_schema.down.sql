-- Everything goes, rows included.
DROP TABLE settings;
DROP TABLE security_events;
DROP TABLE transactions;
DROP TABLE tokens;
DROP TABLE users;
