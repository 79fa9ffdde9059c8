-- bad: of which zone
CREATE TABLE t (
    a timestamp, --!
    b timestamp(3) without time zone --!
);
ALTER TABLE u ADD COLUMN c timestamp; --!
-- good: a moment, a day
CREATE TABLE t (a timestamptz, b timestamp with time zone, c date, d time);
