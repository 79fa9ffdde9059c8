-- Marks that no later detection can start from: older than the newest one whose id is below every id that was running when
-- the newest mark's snapshot was taken; and any number of them beyond what a long transaction can need.
-- params: text
-- columns: none
DELETE FROM godwit.sync_marks m
WHERE m.entity_type = $1::pg_catalog.text
  AND m.number < greatest(
      (SELECT pg_catalog.max(n.number) - 1000 FROM godwit.sync_marks n WHERE n.entity_type = $1::pg_catalog.text),
      (SELECT pg_catalog.max(o.number)
       FROM godwit.sync_marks o
       CROSS JOIN (SELECT (l.mark ->> 'xmin')::pg_catalog.int8 AS xmin, l.number, l.mark
                   FROM godwit.sync_marks l WHERE l.entity_type = $1::pg_catalog.text ORDER BY l.number DESC LIMIT 1) newest
       WHERE o.entity_type = $1::pg_catalog.text
         AND ((o.mark ->> 'xid')::pg_catalog.int8 <= newest.xmin
              OR (newest.xmin IS NULL AND o.number = newest.number))))
