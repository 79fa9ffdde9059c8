DROP FUNCTION open_transfer_data(text, bytea, bytea);
DROP FUNCTION seal_transfer_data(text, jsonb, bytea);
DROP FUNCTION exchange_token(text, text, interval);
DROP FUNCTION session_of_token(text);
DROP FUNCTION start_session(uuid, uuid, text, interval, jsonb);
DROP FUNCTION token_digest(text);
