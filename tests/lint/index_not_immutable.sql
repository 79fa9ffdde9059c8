-- bad: it changes by itself
CREATE INDEX ON t (id) WHERE expires_at > now(); --!
CREATE INDEX ON t (id) WHERE day = CURRENT_DATE; --!
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql STABLE AS $$ SELECT 1 $$;
CREATE INDEX ON t (f(id)); --!
-- good: it does not
CREATE INDEX ON t (lower(name)) WHERE expires_at IS NULL;
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;
CREATE INDEX ON t (f(id), somebodys(id), date_trunc('day', at AT TIME ZONE 'UTC'));
