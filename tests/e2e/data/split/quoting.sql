-- Quotes, comments and what looks like them.
SELECT 'a;b', 'it''s; here', '';
-- @end
SELECT E'a\';b', e'\\', E'\\\';', E'''\';';
-- @end
SELECT 'back\', ';slash\';
-- @end
SELECT E'first'
  'second\';third';
-- @psql forgets the E on the next line
-- @end
SELECT E'first' -- a comment; 'quoted'
  -- another
  'second\';third';
-- @psql forgets the E on the next line
-- @end
SELECT 'first'
'second\', ';';
-- @end
SELECT U&'d\0061t\+000061;', U&"d\0061ta;" FROM (SELECT 1 AS "data;") x;
-- @end
SELECT U&'d!0061t;' UESCAPE '!';
-- @end
SELECT B'1010', X'1FF', b'', N'n;', n'\';
-- @end
SELECT "a;b", "c""d;" FROM (SELECT 1 AS "a;b", 2 AS "c""d;") AS "x;--y";
-- @end
SELECT $$;$$, $a$;$$;$b$;$a$, $_$ ' " -- /* $_$, $é$;$é$;
-- @end
SELECT $a$$a$, $$$$, $a$ $ $a $aa$ $A$ $a$;
-- @end
SELECT ';'=$$;$$, $a1$;$a1$;
-- @end
SELECT a$$ FROM (SELECT 1 AS a$$) a$b$;
-- @end
SELECT 1 /* a /* nested; */ comment; */ + /**/ 2 /***/ - /*/ ; */ 3;
-- @end
SELECT 5*/*;*/3, 5 - -3, 5 --3;
 / 2 --;
;
-- @end
SELECT 1 AS "--", 2 AS "/*", '--', '/*', $$--$$;
-- @end
SELECT '*/' AS a, '/*' AS b, 1 -- */ ;
 + 1;
-- @end
SELECT (SELECT (1)) + ((2)), '(', ')', "(" FROM (SELECT 3 AS "(") x -- (
;
-- @end
SELECT (ARRAY[1,2])[1:2], '{";"}'::text[], (ARRAY['a;b'])[1];
-- @end
SELECT '{"a": ";", "b": [1, "''"]}'::jsonb -> 'a' #>> '{}', '{"a":1}'::jsonb ? 'a;', '[1]'::jsonb @> '1';
-- @end
SELECT 1::int::text::varchar(10), CAST('1;' AS text), interval '1 day', date '2024-01-01', time '12:00';
-- @end
SELECT 1.5, .5, 1., 1e10, 1.5e-3, 1E+2;
-- @end
-- @pg 16
SELECT 0x1F, 0o17, 0b11, 1_000_000;
-- @end
SELECT 'tab	here', E'\t\n\r\\;', 'new
line;
here';
-- @end
SELECT 'ünïcödé; 😀', "😀;" FROM (SELECT 1 AS "😀;") ñandú;
-- @end
SELECT t.case, t.end, t.begin FROM (SELECT 1 AS case, 2 AS end, 3 AS begin) t;
-- @end
SELECT CASE WHEN 1 = 1 THEN CASE 2 WHEN 3 THEN ';' END ELSE 'END;' END;
-- @end
VALUES (1, ';'), (2, ''';''');
-- @end
TABLE app.copied;
-- @end
WITH a AS (SELECT ';' AS x), b AS MATERIALIZED (SELECT 2) SELECT * FROM a, b;
-- @end
SELECT 1
UNION ALL
(SELECT 2);
-- @end
(SELECT 1) UNION (SELECT 2) ORDER BY 1;
-- @end
SELECT 1 WHERE 'a' LIKE 'a\_;' ESCAPE '\' OR 'a' SIMILAR TO '(a|b);' ESCAPE '#';
-- @end
SELECT 2 != -1, 2 <> -1, @ -5, |/ 25.0, 2 ^ 3, 5 % 2, 1 << 2, ~ 1, 'a' || ';' || 'b';
-- @end
SELECT 1 ; -- trailing; comment
-- @end
;;SELECT 1 AS after_empty_ones;
-- @end
	SELECT 1 AS tabbed	;
-- @end
PREPARE "p;q" (int) AS SELECT $1, ';';
-- @end
EXECUTE "p;q" (1);
-- @end
DEALLOCATE "p;q";
-- @end
EXPLAIN (COSTS off) SELECT ';';
-- @end
SET search_path TO "App; two", 'a;b', public;
-- @end
RESET search_path;
-- @end
BEGIN;
-- @end
SAVEPOINT "a;b";
-- @end
ROLLBACK TO SAVEPOINT "a;b";
-- @end
RELEASE "a;b";
-- @end
COMMIT;
-- @end
START TRANSACTION READ ONLY;
-- @end
END;
-- @end
DECLARE c CURSOR WITH HOLD FOR SELECT ';';
-- @end
FETCH ALL FROM c;
-- @end
CLOSE c;
-- @end
LISTEN "a;b";
-- @end
NOTIFY "a;b", 'pay;load';
-- @end
UNLISTEN *;
-- @end
DISCARD PLANS;
-- @end
SET standard_conforming_strings = off;
-- @end
SELECT 'it\'s; escaped', 'two
lines\'; 'AS x -- '
;
-- @end
SELECT 'a'
'b\';c', n'\';', E'\';', 1 AS "d;\";
-- @end
SET standard_conforming_strings = on;
-- @end
SELECT 'a\', ';';
-- @end
