-- bad: no such thing
CREATE EXTENSION IF NOT EXISTS "pg_crypto"; --!
CREATE EXTENSION uuid_ossp; --!
-- good: these exist
CREATE EXTENSION pgcrypto;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION vector;
CREATE EXTENSION postgis SCHEMA gis;
