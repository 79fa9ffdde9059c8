-- What a shadow has to have in common with this database. Servers before 15 have no provider,
-- those before 17 call the locale ICU's own. public_owner is NULL where schema public has the owner
-- that it was made with. username: as whom a session acts. default_schema: as in sql/migrate/default_schema.sql.
-- params: none
-- columns: version integer!, encoding text!, collate text!, ctype text!, provider text!,
--          locale text, icu_rules text, username text!, database text!, public_owner text,
--          default_schema text
-- min: 12
SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version,
       pg_catalog.pg_encoding_to_char(d.encoding)::pg_catalog.text AS encoding,
       d.datcollate::pg_catalog.text AS collate,
       d.datctype::pg_catalog.text AS ctype,
       CASE j.fields ->> 'datlocprovider' WHEN 'i' THEN 'icu'
                                          WHEN 'b' THEN 'builtin'
                                          ELSE 'libc' END AS provider,
       COALESCE(j.fields ->> 'datlocale', j.fields ->> 'daticulocale') AS locale,
       j.fields ->> 'daticurules' AS icu_rules,
       CURRENT_USER::pg_catalog.text AS username,
       d.datname::pg_catalog.text AS database,
       (SELECT pg_catalog.pg_get_userbyid(n.nspowner)::pg_catalog.text
          FROM pg_catalog.pg_namespace AS n
         WHERE n.nspname = 'public' AND n.nspowner <> 10
           AND pg_catalog.pg_get_userbyid(n.nspowner) <> 'pg_database_owner') AS public_owner,
       (SELECT (ARRAY[pg_catalog.set_config('search_path', g.reset_val, true),
                      pg_catalog.current_schema()::pg_catalog.text,
                      pg_catalog.set_config('search_path', g.setting, true)])[2]
          FROM pg_catalog.pg_settings AS g
         WHERE g.name = 'search_path') AS default_schema
  FROM pg_catalog.pg_database AS d
 CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(d) AS fields) AS j
 WHERE d.datname = pg_catalog.current_database();
