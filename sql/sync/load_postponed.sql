-- Does the destination lack indexes that a first load will build at its end?
-- params: text
-- columns: postponed boolean!
SELECT EXISTS (SELECT FROM godwit.sync_loads l
               WHERE l.entity_type = $1::pg_catalog.text AND l.postponed <> '{}'::pg_catalog.text[]) AS postponed
