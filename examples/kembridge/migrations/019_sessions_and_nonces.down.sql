-- Nonces that were used could come again: sign nobody in between this and the next up.
DROP FUNCTION cleanup_expired_nonces();
DROP FUNCTION use_nonce(varchar, varchar, varchar);
DROP FUNCTION issue_nonce(varchar, varchar);
DROP TABLE auth_nonces;
DROP FUNCTION check_nonce_change();
DROP FUNCTION rotate_session(varchar, varchar, interval);
DROP TRIGGER sessions_check_change ON user_sessions;
DROP FUNCTION check_session_change();
