-- bad: a constant
CREATE TABLE t (a timestamptz DEFAULT 'now', b text DEFAULT 'now'::timestamptz); --!
-- good: at each INSERT; a word
CREATE TABLE t (a timestamptz DEFAULT now(), b text DEFAULT 'now');
