-- What every service's tables stand on. The balancer owns it; the other services' files
-- say "requires=20250401080000" instead of creating it a second time.

-- gen_random_uuid() is in the core from PostgreSQL 13; on 12 it comes from pgcrypto.
DO $$
BEGIN
    IF current_setting('server_version_num')::integer < 130000 THEN
        CREATE EXTENSION IF NOT EXISTS pgcrypto;
    END IF;
END
$$;

CREATE FUNCTION set_updated_at() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
