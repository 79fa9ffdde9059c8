-- bad: another definition
-- file: 1_a.sql
CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL, amount numeric);
CREATE INDEX orders_i ON orders (status);
-- file: 2_b.sql
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, status varchar(20) NOT NULL, amount numeric); --!
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, status text NOT NULL, amount numeric, extra int); --!
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, status text NOT NULL); --!
CREATE INDEX IF NOT EXISTS orders_i ON orders (amount); --!
ALTER TABLE orders ADD COLUMN IF NOT EXISTS amount text; --!
-- good: the same
-- file: 1_a.sql
CREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'a');
CREATE INDEX orders_i ON orders (status);
-- file: 2_b.sql
CREATE TABLE IF NOT EXISTS orders (
    id     bigint PRIMARY KEY,
    status text   NOT NULL DEFAULT 'a'
);
CREATE INDEX IF NOT EXISTS orders_i ON orders (status);
CREATE TABLE IF NOT EXISTS others (id bigint);
ALTER TABLE orders ADD COLUMN IF NOT EXISTS status text NOT NULL DEFAULT 'a';
