-- It is whole, and what is in it goes from its table in the same transaction.
-- params: text, text
-- columns: path text!
DELETE FROM godwit.upkeep_files WHERE name = $1 AND path = $2 RETURNING path;
