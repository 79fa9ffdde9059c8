-- Has anything that went well ever been done for this tenant, for one service of it, or with one version?
-- params: text, text, text
-- columns: is_there boolean!
SELECT EXISTS (SELECT FROM godwit.events WHERE tenant = $1 AND outcome = 'ok'
               AND ($2::pg_catalog.text IS NULL OR service = $2)
               AND ($3::pg_catalog.text IS NULL OR version = $3)) AS is_there;
