-- The same go: they are in a file. With godwit.retention on, in this transaction.
-- params: timestamptz
-- columns: none
DELETE FROM godwit.events AS e
WHERE e.at < $1 AND e.action = 'maintain'
  AND EXISTS (SELECT 1 FROM godwit.events AS n WHERE n.action = 'maintain' AND n.name = e.name AND n.id > e.id);
