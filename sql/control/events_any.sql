-- Has anything that went well ever been done for this tenant?
-- params: text
-- columns: is_there boolean!
SELECT EXISTS (SELECT FROM godwit.events WHERE tenant = $1 AND outcome = 'ok') AS is_there;
