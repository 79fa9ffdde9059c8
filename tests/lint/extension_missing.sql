-- bad: created later
CREATE TABLE t (id uuid DEFAULT uuid_generate_v4()); --!
CREATE EXTENSION "uuid-ossp";
-- bad [whole]: created nowhere
CREATE INDEX ON names USING gin (name gin_trgm_ops); --!
CREATE TABLE u (mail citext); --!
-- good [whole]: in order; built in; of one's own
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE TABLE t (id uuid DEFAULT uuid_generate_v4(), b uuid DEFAULT gen_random_uuid());
CREATE FUNCTION digest(text) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
SELECT digest('a');
-- good: one file cannot know
CREATE TABLE t (id uuid DEFAULT uuid_generate_v4());
