-- What is known of the references of a row goes with its key, which the source spells otherwise by now.
-- params: text, text, text
-- columns: none
UPDATE godwit.sync_filled f SET key = $3::pg_catalog.text
WHERE f.entity_type = $1::pg_catalog.text AND f.key = $2::pg_catalog.text
  AND NOT EXISTS (SELECT FROM godwit.sync_filled o
                  WHERE o.entity_type = $1::pg_catalog.text AND o.key = $3::pg_catalog.text)
