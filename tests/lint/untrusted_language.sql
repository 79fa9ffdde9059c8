-- bad: whatever the server can
CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS $$ return 1 $$; --!
-- good: trusted
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
