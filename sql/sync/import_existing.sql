-- Take over what an older system has left in a schema.
-- params: text
-- columns: what text, entity text, total bigint, imported bigint, present bigint, conflicts bigint, detail text
SELECT what, entity, total, imported, present, conflicts, detail FROM godwit.import_existing_migration_data($1);
