DROP TRIGGER transactions_update_timestamp ON transactions;
DROP TRIGGER auth_methods_update_last_used ON user_auth_methods;
DROP TRIGGER users_update_timestamp ON users;
