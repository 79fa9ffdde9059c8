-- Stages stand as live blocks say: ["name"].
-- params: text, jsonb
-- columns: tracker_derive void
SELECT godwit.tracker_derive($1, ARRAY(SELECT pg_catalog.jsonb_array_elements_text($2)))
