-- After the functions that they call.
CREATE TRIGGER users_update_timestamp
    BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION update_timestamp();

CREATE TRIGGER auth_methods_update_last_used
    BEFORE UPDATE ON user_auth_methods
    FOR EACH ROW EXECUTE FUNCTION update_last_used_timestamp();

CREATE TRIGGER transactions_update_timestamp
    BEFORE UPDATE ON transactions
    FOR EACH ROW EXECUTE FUNCTION update_timestamp();
