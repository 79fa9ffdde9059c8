-- What the schema takes from PostgreSQL's own extensions. "pg_crypto" does not exist: it is
-- pgcrypto. From PostgreSQL 13 on the owner of the database may make all four; on 12 a superuser
-- makes them once, before.
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";   -- uuid_generate_v4()
CREATE EXTENSION IF NOT EXISTS pgcrypto;      -- gen_random_bytes(), for nonces
CREATE EXTENSION IF NOT EXISTS btree_gin;     -- a plain column and a jsonb one in one GIN index
CREATE EXTENSION IF NOT EXISTS pg_trgm;       -- usernames by a part of them
