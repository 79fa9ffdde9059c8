-- The file that a run has begun under that name and not come to the end with; who is about to end it is waited for.
-- params: text
-- columns: path text!
SELECT f.path FROM godwit.upkeep_files AS f WHERE f.name = $1 FOR UPDATE;
