-- First in each transaction of a run: fails (GW001) where another run took over.
-- params: text
-- columns: fence void
SELECT godwit.fence($1) AS fence;
