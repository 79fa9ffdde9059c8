-- Has anything that went well ever been done for this tenant, or for one service of it?
-- params: text, text
-- columns: is_there boolean!
SELECT EXISTS (SELECT FROM godwit.events WHERE tenant = $1 AND outcome = 'ok'
               AND ($2::text IS NULL OR service = $2)) AS is_there;
