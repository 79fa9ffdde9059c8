-- bad: no such value
CREATE TYPE state AS ENUM ('open', 'closed');
CREATE TABLE t (s state DEFAULT 'opened'); --!
-- good: one of them
CREATE TYPE state AS ENUM ('open', 'closed');
ALTER TYPE state ADD VALUE 'lost';
CREATE TABLE t (s state DEFAULT 'open', u state DEFAULT 'lost', x other DEFAULT 'any');
