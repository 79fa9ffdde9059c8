-- Is something left to do of an entity when its rows are there?
-- params: text
-- columns: later boolean!, rejects boolean!
SELECT EXISTS (SELECT FROM godwit.sync_later l WHERE l.entity_type = $1::pg_catalog.text
           AND NOT EXISTS (SELECT FROM godwit.sync_rejects q WHERE q.entity_type = l.entity_type AND q.key = l.key AND q.rule IS DISTINCT FROM 'second pass')) AS later,
       EXISTS (SELECT FROM godwit.sync_rejects q WHERE q.entity_type = $1::pg_catalog.text AND q.source_hash IS NOT NULL) AS rejects
