-- Functions and what they carry.
CREATE FUNCTION app.add(a int, b int DEFAULT 0) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b; SELECT a + b';
-- @end
CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    -- it's a comment; with a quote
    NEW.note := 'touched; ''now''' || $q$ inner $$ never $q$;
    IF NEW.id > 0 THEN
        RETURN NEW;
    END IF;
    RETURN NEW;
END;
$body$;
-- @end
CREATE FUNCTION app.single() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN '';'' || E''\\;''; END';
-- @end
CREATE FUNCTION app.escaped() RETURNS text LANGUAGE sql AS E'SELECT \'a;b\'; SELECT \'\\\\;\'';
-- @end
CREATE PROCEDURE app.proc(a int) LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; COMMIT; END $$;
-- @end
CALL app.proc(1);
-- @end
DO $$ BEGIN PERFORM 1; END $$;
-- @end
DO LANGUAGE plpgsql 'BEGIN PERFORM '';''; END';
-- @end
DO $do$
DECLARE r record;
BEGIN
    FOR r IN SELECT 1 AS a LOOP
        EXECUTE format($f$SELECT %L; $f$, ';');
    END LOOP;
EXCEPTION WHEN others THEN
    RAISE NOTICE 'failed; %', sqlerrm;
END
$do$;
-- @end
-- @pg 14
CREATE FUNCTION app.atomic1() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
-- @end
-- @pg 14
CREATE OR REPLACE FUNCTION app.atomic2(x int) RETURNS text LANGUAGE sql
BEGIN ATOMIC
    SELECT 'end;' AS "end"; -- END;
    SELECT CASE WHEN x > 0 THEN CASE x WHEN 1 THEN ';' ELSE 'END' END ELSE 'no' END;
END;
-- @end
-- @pg 14
CREATE FUNCTION app.atomic3() RETURNS int BEGIN ATOMIC SELECT 1 AS end; SELECT t.end FROM (SELECT 2 AS "end") t; END;
-- @psql counts each END there
-- @end
-- @pg 14
CREATE FUNCTION app.atomic4(b int) RETURNS int
begin /* x; */ atomic
  with q as (select (case when b > 1 then 1 end) as c) select c from q;
end;
-- @end
-- @pg 14
CREATE PROCEDURE app.atomic5(n text)
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO app.copied VALUES (1, ';');
    DELETE FROM app.copied WHERE b = 'end; END';
    UPDATE app.copied SET b = CASE b WHEN ';' THEN 'x' ELSE b END;
END;
-- @end
-- @pg 14
CREATE FUNCTION app.empty() RETURNS void LANGUAGE sql BEGIN ATOMIC END;
-- @end
-- @pg 14
CREATE FUNCTION app.returns(a int) RETURNS int RETURN a + CASE WHEN a > 1 THEN 1 ELSE 0 END;
-- @end
-- @pg 14
CREATE FUNCTION app."begin"("atomic" int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT "atomic"; END;
-- @end
-- @pg 14
CREATE FUNCTION app.column_begin(begin int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT begin; SELECT begin AS begin; END;
-- @psql counts each BEGIN there
-- @end
-- @pg 14
CREATE FUNCTION app.bare_end() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1 end; SELECT 2 case; END;
-- @psql counts each END there
-- @end
CREATE FUNCTION begin(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
-- @psql counts the name
-- @end
CREATE TRIGGER t BEFORE UPDATE ON app.orders FOR EACH ROW WHEN (NEW.note <> ';') EXECUTE FUNCTION app.touch();
-- @end
CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON app.orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.touch();
-- @end
CREATE FUNCTION app.evt() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
-- @end
CREATE EVENT TRIGGER et ON ddl_command_end WHEN TAG IN ('CREATE SEQUENCE') EXECUTE FUNCTION app.evt();
-- @end
DROP EVENT TRIGGER et;
-- @end
CREATE RULE r1 AS ON INSERT TO app.v DO INSTEAD NOTHING;
-- @end
CREATE RULE r2 AS ON INSERT TO app.cache DO ALSO (INSERT INTO app.copied VALUES (1, ';'); DELETE FROM app.copied WHERE a = 2; SELECT 1);
-- @end
CREATE OR REPLACE RULE "r;3" AS ON UPDATE TO app.cache WHERE NEW.k = ';'
DO ALSO (
    UPDATE app.copied SET b = ')' WHERE a = 1; -- );
    DELETE FROM app.copied WHERE b = '(';
);
-- @end
SELECT app.add(1, 2), app.single(), app.escaped();
-- @end
ALTER FUNCTION app.add(int, int) SET search_path = 'a;b', public;
-- @end
COMMENT ON FUNCTION app.add IS ';';
-- @end
