-- bad: read twice
ALTER TABLE users ALTER a TYPE bigint;
ALTER TABLE users ALTER b TYPE bigint; --!
-- good: once; other tables; nothing read
ALTER TABLE users ALTER a TYPE bigint, ALTER b TYPE bigint;
ALTER TABLE orders ALTER a TYPE bigint;
ALTER TABLE orders ADD COLUMN c int;
ALTER TABLE orders ADD CHECK (c > 0) NOT VALID;
