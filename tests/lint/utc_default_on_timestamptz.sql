-- bad: read as local time
CREATE TABLE t (a timestamptz DEFAULT (now() AT TIME ZONE 'utc')); --!
-- good: as it is; without a zone
CREATE TABLE t (a timestamptz DEFAULT now(), b timestamp DEFAULT (now() AT TIME ZONE 'utc'));
