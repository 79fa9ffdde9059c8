-- bad: forgotten
CREATE TABLE t (created_at timestamptz NOT NULL); --!
-- good: the server knows
CREATE TABLE t (created_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz, created text);
