-- How far the tables of a part are made; fails with 42P01 or 3F000 where no part has been.
-- params: text
-- columns: version integer!
SELECT coalesce(pg_catalog.max(number), 0)::integer AS version FROM godwit.parts WHERE part = $1;
