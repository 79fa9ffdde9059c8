-- bad: a name is code
CREATE FUNCTION f(t text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'DROP TABLE ' || t; --!
END $$;
-- good: quoted; a value; nothing joined
CREATE FUNCTION f(t text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'DROP TABLE ' || quote_ident(t);
    EXECUTE format('DROP TABLE %I', t);
    EXECUTE 'SELECT $1' USING t || 'x';
    EXECUTE 'SELECT 1';
END $$;
CREATE TRIGGER a BEFORE UPDATE ON x FOR EACH ROW EXECUTE FUNCTION f();
