-- How the database of this session was made, as the end of CREATE DATABASE, and its own number.
-- params: none
-- columns: options text!, oid oid!
SELECT pg_catalog.format('OWNER %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L CONNECTION LIMIT %s',
                         pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_encoding_to_char(d.encoding),
                         d.datcollate, d.datctype, d.datconnlimit)
       || CASE pg_catalog.to_jsonb(d) ->> 'datlocprovider'
          WHEN 'i' THEN pg_catalog.format(' LOCALE_PROVIDER icu ICU_LOCALE %L',
               coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale'))
          WHEN 'b' THEN pg_catalog.format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', pg_catalog.to_jsonb(d) ->> 'datlocale')
          ELSE '' END
       || CASE WHEN pg_catalog.to_jsonb(d) ->> 'daticurules' IS NULL THEN ''
               ELSE pg_catalog.format(' ICU_RULES %L', pg_catalog.to_jsonb(d) ->> 'daticurules') END
       || CASE WHEN d.dattablespace = t.dattablespace THEN ''
               ELSE pg_catalog.format(' TABLESPACE %I', s.spcname) END AS options,
       d.oid
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_database AS t ON t.datname = 'template0'
JOIN pg_catalog.pg_tablespace AS s ON s.oid = d.dattablespace
WHERE d.datname = pg_catalog.current_database();
