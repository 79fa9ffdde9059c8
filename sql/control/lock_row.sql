-- The row of the run lock, put back: nobody can hold what is not there.
-- params: none
-- columns: none
INSERT INTO godwit.run_lock (name) VALUES ('run') ON CONFLICT (name) DO NOTHING;
