-- bad: true today
CREATE TABLE t (at timestamptz CHECK (at > now())); --!
CREATE TABLE u (d date, CHECK (d <= CURRENT_DATE)); --!
-- good: true for ever
CREATE TABLE t (a timestamptz, b timestamptz, CHECK (b > a), c timestamptz DEFAULT now());
