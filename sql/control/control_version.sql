-- Version of Godwit's own tables. Fails with 42P01 or 3F000 where there are none.
-- params: none
-- columns: version integer!
SELECT version FROM godwit.control;
