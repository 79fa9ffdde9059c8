-- bad: the list stands twice
CREATE TYPE state AS ENUM ('open', 'closed');
CREATE TABLE t (s text CHECK (s IN ('closed', 'open'))); --!
-- good: another list
CREATE TYPE state AS ENUM ('open', 'closed');
CREATE TABLE t (s text CHECK (s IN ('closed', 'lost')), u state);
