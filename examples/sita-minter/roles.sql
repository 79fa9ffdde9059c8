-- For an administrator, once a server: roles belong to the server, not to a database, so neither the migrations nor
-- schema.sql make them. Run it again as often as you like.
--   sitaminter_owner   owns the tables; migrations and pushes run as it, no service ever does
--   sitaminter_app     what a service's login role is a member of
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sitaminter_owner') THEN
        CREATE ROLE sitaminter_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sitaminter_app') THEN
        CREATE ROLE sitaminter_app NOLOGIN;
    END IF;
END
$$;
