-- bad: in the repository
CREATE ROLE app LOGIN PASSWORD 'secret'; --!
ALTER USER app PASSWORD 'secret'; --!
-- good: none; from outside
CREATE ROLE app LOGIN;
ALTER ROLE app PASSWORD NULL;
ALTER ROLE app PASSWORD '${APP_PASSWORD}';
