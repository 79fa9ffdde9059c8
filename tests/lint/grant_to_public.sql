-- bad: everybody
GRANT SELECT ON users TO PUBLIC; --!
GRANT ALL ON SCHEMA app TO public; --!
-- good: a role; taken away; functions are everybody's
GRANT SELECT ON users TO app_reader;
REVOKE ALL ON users FROM PUBLIC;
GRANT EXECUTE ON FUNCTION f(int) TO PUBLIC;
