-- The schema where names without one are made: with the search_path $1, or, where that is NULL, with the
-- one that sessions of this role in this database begin with. NULL: none that is on it is there. What the
-- session has set is looked past, and holds again afterwards; outside a transaction nothing is set at all.
-- params: text
-- columns: default_schema text
-- min: 12
SELECT (ARRAY[pg_catalog.set_config('search_path',
                                    COALESCE($1::pg_catalog.text, g.reset_val), true),
              pg_catalog.current_schema()::pg_catalog.text,
              pg_catalog.set_config('search_path', g.setting, true)])[2] AS default_schema
  FROM pg_catalog.pg_settings AS g
 WHERE g.name OPERATOR(pg_catalog.=) 'search_path';
