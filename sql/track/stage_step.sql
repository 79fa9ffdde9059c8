-- One step of a stage; what stands against it, or NULL.
-- params: text, text, text, text
-- columns: problem text
SELECT godwit.tracker_step($1, $2, $3, $4) AS problem
