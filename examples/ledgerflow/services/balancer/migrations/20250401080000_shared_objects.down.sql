-- pgcrypto (PostgreSQL 12) stays: it may have been there before, and others may use it.
DROP FUNCTION set_updated_at();
