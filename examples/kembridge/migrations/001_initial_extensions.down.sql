-- Without CASCADE: what somebody else has made of an extension stops this.
DROP EXTENSION pg_trgm;
DROP EXTENSION btree_gin;
DROP EXTENSION pgcrypto;
DROP EXTENSION "uuid-ossp";
