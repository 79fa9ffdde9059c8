-- Has the run lock lost its row? A copy of the schema alone has not got it.
-- params: none
-- columns: is_absent boolean!
SELECT NOT EXISTS (SELECT FROM godwit.run_lock WHERE name = 'run') AS is_absent;
