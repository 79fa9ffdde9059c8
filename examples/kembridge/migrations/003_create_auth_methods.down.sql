DROP TABLE user_auth_methods;
