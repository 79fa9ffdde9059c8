-- An upgrade of a part has run.
-- params: text, integer, text, text
-- columns: none
INSERT INTO godwit.parts (part, number, name, applied_by) VALUES ($1, $2, $3, $4);
