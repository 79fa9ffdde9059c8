-- May a half-filled partition ($3) of a table ($1) still be filled from its DEFAULT partition ($2)? Its changes are captured, and its columns are the table's.
-- params: oid, oid, oid
-- columns: fits boolean!
SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = $2 AND g.tgname = 'godwit_drain' AND g.tgenabled = 'A')
   AND EXISTS (SELECT 1 FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = $2 AND g.tgname = 'godwit_drain_all' AND g.tgenabled = 'A')
   AND NOT EXISTS (
       SELECT 1
       FROM (SELECT * FROM pg_catalog.pg_attribute AS y WHERE y.attrelid = $1 AND y.attnum > 0 AND NOT y.attisdropped) AS a
       FULL JOIN (SELECT * FROM pg_catalog.pg_attribute AS y WHERE y.attrelid = $3 AND y.attnum > 0 AND NOT y.attisdropped) AS b ON b.attname = a.attname
       WHERE a.attname IS NULL OR b.attname IS NULL OR a.atttypid <> b.atttypid OR a.atttypmod <> b.atttypmod OR a.attcollation <> b.attcollation
          OR a.attgenerated <> b.attgenerated OR (a.attnotnull AND NOT b.attnotnull)) AS fits;
